package io.h2conn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The stream was reset: one side sent RST_STREAM (RFC 9113, section 6.4). The TCP connection beneath, and the other
 * connections on it, are not affected.
 */
public final class ConnectionResetException extends IOException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    private final Origin origin;
    private final ErrorCode code;

    /**
     * Describes a reset.
     *
     * @param message what happened
     * @param origin who reset the stream
     * @param code the code in the frame
     * @param cause what led to it on this side, or {@code null}
     */
    public ConnectionResetException(String message, Origin origin, ErrorCode code, @Nullable Throwable cause) {
        super(message, cause);
        this.origin = origin;
        this.code = code;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public ErrorCode errorCode() {
        return code;
    }

    /** {@code true} for a peer's {@link ErrorCode#REFUSED_STREAM}. */
    @Override
    public boolean retrySafe() {
        return origin == Origin.PEER && code.equals(ErrorCode.REFUSED_STREAM);
    }
}
