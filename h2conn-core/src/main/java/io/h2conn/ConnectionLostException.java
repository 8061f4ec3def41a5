package io.h2conn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The session beneath is gone, and every connection on it with it: TCP reset or end without END_STREAM, a GOAWAY below
 * this stream, a missed heartbeat, or a local stop.
 */
public final class ConnectionLostException extends IOException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    private final Origin origin;
    private final @Nullable ErrorCode code;
    private final boolean retrySafe;

    /**
     * Describes a loss.
     *
     * @param message what happened
     * @param origin who ended the session
     * @param code the code of a GOAWAY, or {@code null} if there was none
     * @param retrySafe whether the peer certainly did not process the request
     * @param cause the transport's own report, or {@code null}
     */
    public ConnectionLostException(
            String message, Origin origin, @Nullable ErrorCode code, boolean retrySafe, @Nullable Throwable cause) {
        super(message, cause);
        this.origin = origin;
        this.code = code;
        this.retrySafe = retrySafe;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public @Nullable ErrorCode errorCode() {
        return code;
    }

    @Override
    public boolean retrySafe() {
        return retrySafe;
    }
}
