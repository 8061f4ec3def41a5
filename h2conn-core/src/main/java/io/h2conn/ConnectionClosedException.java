package io.h2conn;

import java.nio.channels.AsynchronousCloseException;

/**
 * This side closed the connection, or the half of it that the call is for, before the call or during it. Extends
 * {@link AsynchronousCloseException}, and so {@link java.nio.channels.ClosedChannelException}, as java.nio's channels
 * report both.
 */
public final class ConnectionClosedException extends AsynchronousCloseException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    private final String message;

    /**
     * Describes the misuse or the race.
     *
     * @param message which call came after which
     */
    public ConnectionClosedException(String message) {
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public Origin origin() {
        return Origin.LOCAL;
    }
}
