package io.h2conn.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * An answer that is not a connection: a status, headers and a body. A client of this library reports it as
 * {@link io.h2conn.ConnectionRefusedException}, with all three. Immutable: each method that sets something returns a
 * copy.
 *
 * <pre>{@code
 * Refusal.status(401).header("www-authenticate", "Bearer").body("log in first");
 * }</pre>
 */
public final class Refusal {
    private static final int MIN_STATUS = 300;
    private static final int MAX_STATUS = 599;

    private final int status;
    private final HttpFields headers;
    private final byte[] body;

    private Refusal(int status, HttpFields headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /**
     * A refusal without headers or a body.
     *
     * @param status the HTTP status
     * @return the refusal
     * @throws IllegalArgumentException if {@code status} is not within 300 to 599
     */
    public static Refusal status(int status) {
        if (status < MIN_STATUS || status > MAX_STATUS) {
            throw new IllegalArgumentException(
                    "the status of a refusal must be from " + MIN_STATUS + " to " + MAX_STATUS + " but was " + status);
        }
        return new Refusal(status, HttpFields.EMPTY, new byte[0]);
    }

    /**
     * Adds a header.
     *
     * @param name the header's name
     * @param value the header's value
     * @return a copy with this header
     */
    public Refusal header(String name, String value) {
        return new Refusal(status, HttpHeaderRules.with(headers, name, value), body);
    }

    /**
     * Sets the body to a text, and the content type to plain text.
     *
     * @param text the body; clients of this library keep its first 8 KiB
     * @return a copy with this body
     */
    public Refusal body(String text) {
        HttpFields typed = HttpFields.build(headers)
                .put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8")
                .asImmutable();
        return new Refusal(status, typed, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sets the body. Its type is for {@link #header} to say.
     *
     * @param bytes the body; copied
     * @return a copy with this body
     */
    public Refusal body(byte[] bytes) {
        return new Refusal(status, headers, bytes.clone());
    }

    int status() {
        return status;
    }

    /**
     * Answers a request with this refusal. Returns at once.
     *
     * @param response the response, not yet committed
     * @param callback completed when the answer was sent
     * @throws IllegalStateException if the response is already committed
     */
    public void send(Response response, Callback callback) {
        if (response.isCommitted()) {
            throw new IllegalStateException("a refusal with status " + status
                    + " came after the response was committed; refuse before writing");
        }
        response.setStatus(status);
        response.getHeaders().add(headers);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    @Override
    public String toString() {
        return "Refusal[" + status + ", " + body.length + " bytes]";
    }
}
