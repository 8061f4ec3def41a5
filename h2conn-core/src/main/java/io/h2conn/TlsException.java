package io.h2conn;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS handshake failed: a certificate that is not trusted, has expired or names another host, a client certificate
 * that the server did not accept, or no common protocol. Nothing of the request was sent.
 */
public final class TlsException extends IOException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    private final Origin origin;

    /**
     * Describes a failed handshake.
     *
     * @param message names the URI and the reason
     * @param origin which side rejected the other
     * @param cause the TLS engine's own report, or {@code null}
     */
    public TlsException(String message, Origin origin, @Nullable Throwable cause) {
        super(message, cause);
        this.origin = origin;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    /** {@code true}: nothing was sent that the peer could have processed. */
    @Override
    public boolean retrySafe() {
        return true;
    }
}
