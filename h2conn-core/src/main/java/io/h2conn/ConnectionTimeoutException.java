package io.h2conn;

import java.net.SocketTimeoutException;

/**
 * A deadline passed before the call was done. The connection is as it was: nothing is lost, and calls after the
 * deadline is moved or cleared go on where this one stopped.
 *
 * <p>{@link #bytesTransferred} says how many bytes of a write were accepted before the deadline; they will be sent. The
 * buffer's position has moved by as much.
 *
 * <p>Some timeouts are different, because they end a connection: that of connecting, that of closing, and the three that
 * {@link ConnectionOptions} can set: {@link ConnectionOptions#stallTimeout}, {@link ConnectionOptions#idleTimeout} and
 * {@link ConnectionOptions#maxLifetime}. Where one of these is why the connection failed, every later call reports it,
 * {@link DuplexConnection#closed} has it, and {@link DuplexConnection#isOpen} is false.
 */
public final class ConnectionTimeoutException extends SocketTimeoutException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    /**
     * Describes a call that took too long.
     *
     * @param message what was waited for, and how long
     * @param bytesTransferred bytes accepted before the deadline
     */
    public ConnectionTimeoutException(String message, int bytesTransferred) {
        super(message);
        this.bytesTransferred = bytesTransferred;
    }

    @Override
    public Origin origin() {
        return Origin.LOCAL;
    }
}
