package io.h2conn.jetty;

import io.h2conn.ConnectionInfo;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpHeaders;
import java.security.Principal;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http2.HTTP2Session;
import org.jspecify.annotations.Nullable;

/**
 * The facts about one request and its answer. Each setter is called at most once, by the transport; what the
 * application rarely asks for is translated only when it asks. Safe for any thread.
 */
public final class ExchangeInfo implements ConnectionInfo {
    private final String method;
    private final HttpURI target;
    private final HttpFields requestFields;
    private volatile @Nullable URI uri;
    private volatile @Nullable HttpHeaders requestHeaders;
    private volatile SessionFacts.@Nullable Answer answer;
    private volatile @Nullable HttpHeaders trailers;
    private volatile @Nullable SessionFacts session;
    private volatile @Nullable Principal principal;

    /**
     * Starts with what the request says.
     *
     * @param method the request's method
     * @param target the request's target: scheme, authority, path and query
     * @param requestFields the request's headers; must not change later
     */
    public ExchangeInfo(String method, HttpURI target, HttpFields requestFields) {
        this.method = method;
        this.target = target;
        this.requestFields = requestFields;
    }

    /**
     * Sets addresses and TLS session from the session that carries the stream.
     *
     * @param session the session
     */
    public void session(HTTP2Session session) {
        this.session = SessionMemory.of(session).facts(session);
    }

    /**
     * Sets what was answered. Called when the session is known.
     *
     * @param status the status
     * @param fields the response's headers; may change later
     */
    public void response(int status, HttpFields fields) {
        answer = Objects.requireNonNull(session, "session").shared(new SessionFacts.Answer(status, fields));
    }

    /**
     * Sets the peer's trailers.
     *
     * @param fields the trailers
     */
    public void trailers(HttpFields fields) {
        trailers = Headers.of(fields);
    }

    /**
     * Sets who the application's own authentication says the peer is. Without it, the peer's TLS certificate says so.
     *
     * @param principal who
     */
    public void principal(Principal principal) {
        this.principal = principal;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        SessionFacts facts = session;
        return facts == null ? null : facts.local;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        SessionFacts facts = session;
        return facts == null ? null : facts.remote;
    }

    @Override
    public @Nullable SSLSession tls() {
        SessionFacts facts = session;
        return facts == null ? null : facts.tls;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public URI uri() {
        URI result = uri;
        if (result == null) {
            result = toUri(target);
            uri = result;
        }
        return result;
    }

    @Override
    public HttpHeaders requestHeaders() {
        HttpHeaders result = requestHeaders;
        if (result == null) {
            result = Headers.of(requestFields);
            requestHeaders = result;
        }
        return result;
    }

    @Override
    public int status() {
        SessionFacts.Answer known = answer;
        return known == null ? 0 : known.status;
    }

    @Override
    public HttpHeaders responseHeaders() {
        SessionFacts.Answer known = answer;
        return known == null ? Headers.EMPTY : known.headers();
    }

    @Override
    public @Nullable HttpHeaders trailers() {
        return trailers;
    }

    @Override
    public @Nullable Duration roundTripTime() {
        SessionFacts facts = session;
        return facts == null ? null : facts.roundTripTime();
    }

    @Override
    public @Nullable Principal principal() {
        Principal known = principal;
        SSLSession tls = tls();
        if (known != null || tls == null) {
            return known;
        }
        try {
            return tls.getPeerPrincipal();
        } catch (SSLPeerUnverifiedException e) {
            // The usual case: TLS without a client certificate. Not an error, just nobody known.
            return null;
        }
    }

    /** Without the query and the user, which may carry secrets. */
    @Override
    public String toString() {
        return method + " " + target.getScheme() + "://" + target.getAuthority()
                + Objects.requireNonNullElse(target.getPath(), "");
    }

    /** A target as it came over the wire may hold characters that {@link URI} refuses; those are quoted then. */
    private static URI toUri(HttpURI target) {
        try {
            return new URI(target.asString());
        } catch (URISyntaxException strict) {
            try {
                return new URI(
                        target.getScheme(), target.getAuthority(), target.getDecodedPath(), target.getQuery(), null);
            } catch (URISyntaxException quoted) {
                throw new IllegalStateException("the request's target is not a URI: " + target.asString(), quoted);
            }
        }
    }
}
