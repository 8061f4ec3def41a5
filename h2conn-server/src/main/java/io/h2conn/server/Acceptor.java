package io.h2conn.server;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.NotHttp2Exception;
import io.h2conn.internal.Engine;
import io.h2conn.jetty.ExchangeInfo;
import io.h2conn.jetty.SessionMemory;
import io.h2conn.jetty.StreamTransport;
import java.security.Principal;
import java.util.EnumSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections from requests, in any Jetty handler. Immutable, and safe for any thread: each method that sets
 * something returns a copy.
 *
 * <pre>{@code
 * public boolean handle(Request request, Response response, Callback callback) throws Exception {
 *     DuplexConnection connection = acceptor.accept(request, response, callback);
 *     connection.listen(connection::writeAsync).whenComplete((done, failure) -> connection.closeAsync());
 *     return true;
 * }
 * }</pre>
 *
 * <p>{@link DuplexHandler} does this and the rest that a handler has to do.
 */
public final class Acceptor {
    /** Keeps caches and compressing proxies away from a body that is a conversation. */
    private static final HttpField NO_TRANSFORM = new HttpField(HttpHeader.CACHE_CONTROL, "no-store, no-transform");
    /** Keeps nginx, and proxies that follow it, from collecting a response before passing it on. */
    private static final HttpField NO_BUFFERING = new HttpField("x-accel-buffering", "no");

    /** What an earlier handler may have set, and what would be wrong about a body of ours. */
    private static final EnumSet<HttpHeader> CONTRADICTIONS =
            EnumSet.of(HttpHeader.CONTENT_LENGTH, HttpHeader.CONTENT_ENCODING);

    private static final AtomicLong IDS = new AtomicLong();
    private static final Acceptor DEFAULTS =
            new Acceptor(ConnectionOptions.defaults(), HttpStatus.OK_200, HttpFields.EMPTY, OriginRules.SAME_ORIGIN);

    private final ConnectionOptions options;
    private final int status;
    private final HttpFields headers;
    private final OriginRules origins;

    private Acceptor(ConnectionOptions options, int status, HttpFields headers, OriginRules origins) {
        this.options = options;
        this.status = status;
        this.headers = headers;
        this.origins = origins;
    }

    /**
     * An acceptor that answers 200 and makes connections with default options.
     *
     * @return the acceptor
     */
    public static Acceptor defaults() {
        return DEFAULTS;
    }

    /**
     * Sets how the connections behave.
     *
     * @param options the options of every connection
     * @return a copy with this setting
     */
    public Acceptor options(ConnectionOptions options) {
        return new Acceptor(options, status, headers, origins);
    }

    /**
     * How the connections behave.
     *
     * @return the options
     */
    public ConnectionOptions options() {
        return options;
    }

    /**
     * Sets the response's status.
     *
     * @param status 200 by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code status} is not within 200 to 299; {@link Refusal} is for the others
     */
    public Acceptor status(int status) {
        if (!HttpStatus.isSuccess(status)) {
            throw new IllegalArgumentException(
                    "the status of an accepted connection must be from 200 to 299 but was " + status);
        }
        return new Acceptor(options, status, headers, origins);
    }

    /**
     * Adds a header to the response.
     *
     * @param name the header's name
     * @param value the header's value
     * @return a copy with this header
     * @throws IllegalArgumentException if HTTP/2 does not allow this header
     */
    public Acceptor header(String name, String value) {
        return new Acceptor(options, status, HttpHeaderRules.with(headers, name, value), origins);
    }

    /**
     * Lets web pages of other sites connect. By default only pages of the server's own origin may: a browser sends the user's
     * cookies along with what any page asks for. Requests that come from no browser have no Origin header, and pass.
     *
     * <p>A page is of the server's own origin if the browser says so in {@code sec-fetch-site}, or if its Origin header is the
     * scheme and authority of the request. Behind a proxy that ends TLS, and for old browsers, that takes Jetty's
     * {@link org.eclipse.jetty.server.ForwardedRequestCustomizer}, or the public origin in this list.
     *
     * @param origins schemes and hosts, perhaps with ports, such as {@code https://app.example.com}; they replace those that
     *     were set before
     * @return a copy with this setting
     * @throws IllegalArgumentException if one of them is not an origin, such as {@code *} or {@code null}
     */
    public Acceptor allowedOrigins(String... origins) {
        return new Acceptor(options, status, headers, OriginRules.allow(origins));
    }

    /**
     * Lets all web pages connect, for servers that do not know their users by cookies, certificates or the network they are in.
     *
     * @return a copy with this setting
     */
    public Acceptor allowAnyOrigin() {
        return new Acceptor(options, status, headers, OriginRules.ANY);
    }

    /**
     * Makes a connection from a request with any method, and sends the response's headers. Never blocks: what is
     * written before the headers are out waits for them.
     *
     * <p>After a normal return the request's content, the response and the callback belong to the connection: the
     * handler returns {@code true} and leaves them alone. None of the content may have been read before.
     *
     * @param request the request, wrapped or not
     * @param response its response, wrapped or not; wrappers, such as one that compresses, are bypassed
     * @param callback completed when the connection has ended
     * @return the connection; if the stream is gone by now, or the server drains ({@link DuplexConnections#drain}), one that
     *     has failed
     * @throws NotHttp2Exception if the request did not come as a stream of HTTP/2; nothing was answered
     * @throws NotAcceptedException if it is from a page that may not connect ({@link #allowedOrigins}), or there are too many
     *     connections ({@link ServerLimits}); nothing was answered
     * @throws IllegalStateException if the response is already committed
     */
    public DuplexConnection accept(Request request, Response response, Callback callback)
            throws NotHttp2Exception, NotAcceptedException {
        Refusal refusal = refusal(request);
        if (refusal != null) {
            throw new NotAcceptedException(refusal, request);
        }
        return accept(request, response, callback, connection -> {}, false);
    }

    /** What to answer a request that is not even worth asking about, or {@code null}. */
    @Nullable
    Refusal refusal(Request request) {
        Connector connector = request.getConnectionMetaData().getConnector();
        Refusal refusal = origins.refusal(request);
        if (refusal == null) {
            refusal = DuplexConnector.headersRefusal(connector, request);
        }
        return refusal != null
                ? refusal
                : DuplexConnections.of(connector.getServer()).gatekeeper().knock(request);
    }

    /**
     * As the public method, without looking at {@link #refusal}.
     *
     * @param onHeadersOut told when the headers are out, which may be before this returns, or never
     * @param outlives whether the callback is completed then, and not when the connection has ended
     * @throws NotAcceptedException if there are too many connections by now
     */
    DuplexConnection accept(
            Request request,
            Response response,
            Callback callback,
            Consumer<DuplexConnection> onHeadersOut,
            boolean outlives)
            throws NotHttp2Exception, NotAcceptedException {
        HTTP2Session session = session(request);
        Response innermost = innermost(response);
        if (innermost.isCommitted()) {
            throw new IllegalStateException("accept() came after the response to " + describe(request)
                    + " was committed; call it before anything is written to the response");
        }
        Connector connector = request.getConnectionMetaData().getConnector();
        DuplexConnector.warnUnlessConfigured(connector, session);
        SessionMemory memory = SessionMemory.of(session);
        memory.owner(connector);
        DuplexConnections connections = DuplexConnections.of(connector.getServer());
        Object address = connections.gatekeeper().countedBy(request);
        Refusal refusal = connections.gatekeeper().enter(address);
        if (refusal != null) {
            throw new NotAcceptedException(refusal, request);
        }
        HttpFields.Mutable fields = innermost.getHeaders();
        fields.remove(CONTRADICTIONS);
        fields.put(NO_TRANSFORM).put(NO_BUFFERING).add(headers);
        innermost.setStatus(status);

        Acceptance acceptance = new Acceptance(callback, onHeadersOut, outlives, connections, address);
        ExchangeInfo info = info(request);
        info.session(session);
        info.response(status, fields);
        StreamTransport transport =
                new StreamTransport(info, options, Engine.Role.SERVER, "server", IDS.incrementAndGet(), acceptance);
        request.addHttpStreamWrapper(acceptance::takeOver);
        acceptance.begin(transport, session, session.getStream(Integer.parseInt(request.getId())));
        transport.engine().report(observer -> observer.onAccepted(transport.engine(), status));
        if (connections.isDraining()) {
            acceptance.refuse("this server drains, and takes no new connections");
            return transport.engine();
        }
        if (request.getHeaders().contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString())) {
            // Jetty writes what follows when this is out. If it cannot be sent, neither can that, which is reported.
            CompletionStage<?> unused = innermost.writeInterim(HttpStatus.CONTINUE_100, HttpFields.EMPTY);
        }
        memory.sendHeaders(false, () -> acceptance.write(innermost));
        return transport.engine();
    }

    private static HTTP2Session session(Request request) throws NotHttp2Exception {
        ConnectionMetaData carrier = request.getConnectionMetaData();
        if (carrier.getHttpVersion() == HttpVersion.HTTP_2
                && carrier.getConnection() instanceof HTTP2Connection connection
                && !request.getId().isEmpty()
                && request.getId().chars().allMatch(c -> c >= '0' && c <= '9')) {
            return connection.getSession();
        }
        throw new NotHttp2Exception(
                describe(request) + " came by " + carrier.getHttpVersion() + "; accept() needs a stream of HTTP/2",
                null);
    }

    private static Response innermost(Response response) {
        Response inner = response;
        while (inner instanceof Response.Wrapper wrapper) {
            inner = wrapper.getWrapped();
        }
        return inner;
    }

    private static ExchangeInfo info(Request request) {
        ExchangeInfo info = new ExchangeInfo(request.getMethod(), request.getHttpURI(), request.getHeaders());
        Principal principal = Request.getAuthenticationState(request).getUserPrincipal();
        if (principal != null) {
            info.principal(principal);
        }
        return info;
    }

    /** Without the query, which may carry secrets. */
    static String describe(Request request) {
        return request.getMethod() + " " + request.getHttpURI().getPath();
    }
}
