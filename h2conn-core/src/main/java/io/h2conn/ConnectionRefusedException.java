package io.h2conn;

import java.io.IOException;
import java.net.http.HttpHeaders;

/**
 * The server answered the request with a status other than 2xx: the connection was never established. Carries the
 * answer, so that the application can tell a wrong path from a missing login.
 */
public final class ConnectionRefusedException extends IOException implements ConnectionFailure {
    private static final long serialVersionUID = 1L;

    /** Bytes. What is kept of the body of a refusal; the rest is discarded. */
    public static final int MAX_BODY_BYTES = 8 * 1024;

    private final int status;
    private final transient HttpHeaders headers;
    private final byte[] body;

    /**
     * Describes a refusal.
     *
     * @param message names the status and the URI
     * @param status the HTTP status
     * @param headers the response's headers
     * @param body the first {@link #MAX_BODY_BYTES} bytes of the response's body
     */
    public ConnectionRefusedException(String message, int status, HttpHeaders headers, byte[] body) {
        super(message);
        this.status = status;
        this.headers = headers;
        this.body = body.clone();
    }

    /**
     * The HTTP status of the answer.
     *
     * @return 300 to 599, or 100 to 199 if the peer ended the stream after an interim response
     */
    public int status() {
        return status;
    }

    /**
     * The headers of the answer.
     *
     * @return the headers, names in lower case
     */
    public HttpHeaders headers() {
        return headers;
    }

    /**
     * The beginning of the answer's body.
     *
     * @return at most {@link #MAX_BODY_BYTES} bytes; a copy
     */
    public byte[] body() {
        return body.clone();
    }

    @Override
    public Origin origin() {
        return Origin.PEER;
    }
}
