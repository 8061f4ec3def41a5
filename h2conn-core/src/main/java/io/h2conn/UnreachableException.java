package io.h2conn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** No TCP connection could be made: the host has no address, refuses connections, or cannot be reached. */
public final class UnreachableException extends IOException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    /**
     * Describes the failed attempt.
     *
     * @param message names the URI and the reason
     * @param cause the operating system's own report, or {@code null}
     */
    public UnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public Origin origin() {
        return Origin.NETWORK;
    }

    /** {@code true}: nothing was sent. */
    @Override
    public boolean retrySafe() {
        return true;
    }
}
