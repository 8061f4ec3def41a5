package io.h2conn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The other side does not speak HTTP/2. On the client: no byte of the body was sent. On the server: the request came by
 * another version of HTTP, was not answered, and the application may answer it as it likes.
 */
public final class NotHttp2Exception extends IOException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    /**
     * Describes what the peer speaks instead.
     *
     * @param message names the URI, and what was found
     * @param cause the transport's own report, or {@code null}
     */
    public NotHttp2Exception(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public Origin origin() {
        return Origin.PEER;
    }

    /** {@code true}: nothing was sent that the peer could have processed. */
    @Override
    public boolean retrySafe() {
        return true;
    }
}
