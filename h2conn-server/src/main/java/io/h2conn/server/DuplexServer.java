package io.h2conn.server;

import io.h2conn.ErrorCode;
import io.h2conn.TlsException;
import io.h2conn.jetty.Dump;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server for connections, in one line:
 *
 * <pre>{@code
 * try (DuplexServer server = DuplexServer.builder()
 *         .port(8443)
 *         .tls(sslContext)
 *         .handle("/echo", connection -> connection.input().transferTo(connection.output()))
 *         .start()) {
 *     ...
 * }
 * }</pre>
 *
 * <p>It is a Jetty server with a connector that is prepared for connections. With TLS, HTTP/2 is negotiated by ALPN;
 * without, clients use HTTP/2 with prior knowledge. The same port serves HTTP/1.1, for the handlers of other requests.
 * Safe for any thread.
 */
public final class DuplexServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DuplexServer.class);

    private final Server server;
    private final ServerConnector connector;
    private final DuplexConnections connections;
    private final URI uri;
    private final Duration closeTimeout;
    private final AtomicBoolean closing = new AtomicBoolean();

    private DuplexServer(ServerParts parts, Duration closeTimeout) {
        this.server = parts.server();
        this.connector = parts.connector();
        this.connections = parts.connections();
        this.uri = parts.uri();
        this.closeTimeout = closeTimeout;
    }

    /**
     * Starts to describe a server: on all addresses, at a free port, without TLS.
     *
     * @return the description
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Where the server listens.
     *
     * @return the TCP port
     */
    public int port() {
        return uri.getPort();
    }

    /**
     * The address for clients, with the host it was given; {@code localhost} if it listens on all addresses.
     *
     * @return for one, {@code https://127.0.0.1:8443/}
     */
    public URI uri() {
        return uri;
    }

    /**
     * The Jetty server beneath, for what this class has no method for. To its request log, and to handlers around those of
     * this server, a request that has become a connection is complete when the response's headers are out.
     *
     * @return the server; running until {@link #close}
     */
    public Server jetty() {
        return server;
    }

    /**
     * Puts another certificate, and other trust, in the place of those the server was started with. TLS handshakes that begin
     * after this returns use it; open connections go on. With a key store in a file, the factory that was given to
     * {@link Builder#tls(SslContextFactory.Server)} can also {@linkplain SslContextFactory#reload reload} that, or Jetty's
     * {@link org.eclipse.jetty.util.ssl.KeyStoreScanner} do so whenever the file changes.
     *
     * @param context has the new certificate and key; tried out first, by a handshake in memory that names no host
     * @throws TlsException if it cannot serve; then nothing has changed
     * @throws IllegalStateException if the server was started without TLS
     */
    public void reloadTls(SSLContext context) throws TlsException {
        SslConnectionFactory tls = connector.getConnectionFactory(SslConnectionFactory.class);
        if (tls == null) {
            throw new IllegalStateException("the server at " + uri + " was started without tls(...)");
        }
        TlsChange.apply(tls.getSslContextFactory(), Objects.requireNonNull(context, "context"));
    }

    /**
     * Ends the server's work in an orderly way, so that nobody is cut off who can finish: stops to listen, refuses new connections
     * on the TCP connections that there are, so that their clients know that it is safe to connect elsewhere, tells each open
     * connection ({@link io.h2conn.DuplexConnection#draining}) and its peer, by GOAWAY, and waits until all have ended. What has
     * not ended by the limit is reset with {@link ErrorCode#CANCEL}. {@link #close} is still to be called, and has little to do
     * then.
     *
     * <p>Blocks until it is done. May be called again, to wait for longer or no longer.
     *
     * @param limit zero or more
     * @return whether all connections ended by themselves
     * @throws InterruptedException if the thread is interrupted; what is open then is reset
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public boolean drain(Duration limit) throws InterruptedException {
        connector.close();
        return connections.drain(limit);
    }

    /**
     * Describes all connections for people, as {@link DuplexConnections#dump()} does. Jetty's own dump of {@link #jetty} has it, too.
     *
     * @return lines; of more than 100 connections, the stalled ones first, and the rest counted
     */
    public String dump() {
        return dump(Dump.MOST);
    }

    /**
     * As {@link #dump()}, of more or fewer connections.
     *
     * @param most how many connections, and how many sessions, are shown
     * @return lines; stalled connections first, and what is not shown counted
     * @throws IllegalArgumentException if {@code most} is negative
     */
    public String dump(int most) {
        return connections.dump("DuplexServer " + uri + (isDraining() ? ", draining" : ""), most);
    }

    /**
     * Whether {@link #drain} or {@link #close} was called.
     *
     * @return {@code true} from then on
     */
    public boolean isDraining() {
        return connections.isDraining();
    }

    /**
     * Stops the server. No new TCP connections and streams are accepted; connections that the application has closed,
     * and whose peers have not ended yet, get the time that {@link Builder#closeTimeout} allows; those that are still
     * open then, or that nobody has closed, are reset with {@link ErrorCode#CANCEL}, since a clean end would hide from
     * the peer that an answer is incomplete. Blocks until all threads of the server have ended. Closing again does
     * nothing.
     *
     * <p>An interrupt ends the waiting, not the closing, and keeps the thread's interrupt flag.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        connector.close();
        connections.announceEnd();
        connections.sendGoAway();
        boolean interrupted = false;
        try {
            if (!connections.end(connection -> !connection.isOpen(), closeTimeout)) {
                LOG.info("closing the server at {} with connections whose peers have not ended theirs", uri);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        // Jetty waits for its threads, and an interrupt would make it leave some behind.
        interrupted |= Thread.interrupted();
        try {
            ServerParts.stop(server);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt(); // the caller owns the policy
            }
        }
    }

    @Override
    public String toString() {
        return "DuplexServer[" + uri + ", " + connections.count() + " connections]";
    }

    /** Describes a server. Not safe for several threads. */
    public static final class Builder {
        private final Map<String, Function<Acceptor, DuplexHandler>> routes = new LinkedHashMap<>();
        private final ServerParts.Settings settings = new ServerParts.Settings();
        private @Nullable Handler rest;
        private final List<Handler.Singleton> around = new ArrayList<>();
        private UnaryOperator<DuplexHandler> admission = UnaryOperator.identity();
        private String @Nullable [] allowedOrigins;
        private Acceptor acceptor = Acceptor.defaults();
        private Duration closeTimeout = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * Sets the address to listen on.
         *
         * @param host a name or an IP address of this machine; by default all addresses
         * @return this
         */
        public Builder host(String host) {
            settings.host = Objects.requireNonNull(host, "host");
            return this;
        }

        /**
         * Sets the TCP port.
         *
         * @param port 0, the default, picks a free one
         * @return this
         * @throws IllegalArgumentException if {@code port} is not within 0 to 65535
         */
        public Builder port(int port) {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port must be from 0 to 65535 but was " + port);
            }
            settings.port = port;
            return this;
        }

        /**
         * Serves {@code https}, by TLS 1.2 and 1.3.
         *
         * @param context has the server's certificate and key
         * @return this
         */
        public Builder tls(SSLContext context) {
            SslContextFactory.Server factory = new SslContextFactory.Server();
            factory.setSslContext(Objects.requireNonNull(context, "context"));
            return tls(factory);
        }

        /**
         * Serves {@code https}, with all the settings that Jetty has for it: key stores, reloading, ciphers, SNI. TLS older
         * than 1.2 is switched off.
         *
         * @param factory makes the TLS engines
         * @return this
         */
        public Builder tls(SslContextFactory.Server factory) {
            settings.tls = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Sets whether clients show a certificate. Who they are is then
         * {@link io.h2conn.ConnectionInfo#principal}.
         *
         * @param clientAuth {@link ClientAuth#NONE} by default; needs {@code tls}
         * @return this
         */
        public Builder clientAuth(ClientAuth clientAuth) {
            settings.clientAuth = Objects.requireNonNull(clientAuth, "clientAuth");
            return this;
        }

        /**
         * Serves the connections of a path with calls that block.
         *
         * @param path an exact path, such as {@code /echo}, or one that ends with {@code /*} for all below it
         * @param handler runs once for each connection, on a thread of its own
         * @return this
         * @throws IllegalArgumentException if {@code path} is not a path, or is served already
         */
        public Builder handle(String path, ConnectionHandler handler) {
            return route(path, options -> DuplexHandler.blocking(handler, options));
        }

        /**
         * Serves the connections of a path without holding threads.
         *
         * @param path an exact path, such as {@code /echo}, or one that ends with {@code /*} for all below it
         * @param handler runs once for each connection
         * @return this
         * @throws IllegalArgumentException if {@code path} is not a path, or is served already
         */
        public Builder handleAsync(String path, AsyncConnectionHandler handler) {
            return route(path, options -> DuplexHandler.async(handler, options));
        }

        private Builder route(String path, Function<Acceptor, DuplexHandler> handler) {
            if (routes.putIfAbsent(Router.requirePath(path), handler) != null) {
                throw new IllegalArgumentException("the path " + path + " is served already");
            }
            return this;
        }

        /**
         * Serves all other paths with a Jetty handler, by HTTP/2 and HTTP/1.1. Without one they are answered with 404.
         *
         * @param handler any handler of Jetty's core or of yours
         * @return this
         */
        public Builder handler(Handler handler) {
            rest = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Puts a Jetty handler around all paths, such as one that knows who the user is:
         *
         * <pre>{@code
         * SecurityHandler.PathMapped security = new SecurityHandler.PathMapped();
         * security.put("/private/*", Constraint.ANY_USER);
         * security.setAuthenticator(new BasicAuthenticator());
         * security.setLoginService(users);
         * builder.around(security)
         * }</pre>
         *
         * <p>The user is then {@link io.h2conn.ConnectionInfo#principal}.
         *
         * @param outer stands within those that were given before; becomes part of the server
         * @return this
         */
        public Builder around(Handler.Singleton outer) {
            around.add(Objects.requireNonNull(outer, "outer"));
            return this;
        }

        /**
         * Sets who decides which requests get a connection, on all paths given to {@link #handle} and
         * {@link #handleAsync}. Replaces what was set before.
         *
         * @param admission asked for each request
         * @return this
         */
        public Builder admission(Admission admission) {
            Objects.requireNonNull(admission, "admission");
            this.admission = handler -> handler.admission(admission);
            return this;
        }

        /**
         * As {@link #admission}, without holding a thread until the decision is made, which may take
         * {@link DuplexHandler#ADMISSION_LIMIT}. Replaces what was set before.
         *
         * @param admission asked for each request
         * @return this
         */
        public Builder admissionAsync(AsyncAdmission admission) {
            return admissionAsync(admission, DuplexHandler.ADMISSION_LIMIT);
        }

        /**
         * As {@link #admission}, without holding a thread until the decision is made. Replaces what was set before.
         *
         * @param admission asked for each request
         * @param limit how long a decision may take; then the client is answered 503, and a line is logged
         * @return this
         */
        public Builder admissionAsync(AsyncAdmission admission, Duration limit) {
            Objects.requireNonNull(admission, "admission");
            this.admission = handler -> handler.admissionAsync(admission, limit);
            return this;
        }

        /**
         * Lets web pages of other sites connect, as {@link Acceptor#allowedOrigins} does, whatever {@link #acceptor} says.
         *
         * @param origins such as {@code https://app.example.com}
         * @return this
         * @throws IllegalArgumentException if one of them is not an origin
         */
        public Builder allowedOrigins(String... origins) {
            OriginRules.allow(origins);
            allowedOrigins = origins.clone();
            return this;
        }

        /**
         * Sets how connections are made: their options, the response's status and headers.
         *
         * @param acceptor for all paths given to {@link #handle} and {@link #handleAsync}
         * @return this
         */
        public Builder acceptor(Acceptor acceptor) {
            this.acceptor = Objects.requireNonNull(acceptor, "acceptor");
            return this;
        }

        /**
         * Sets the connector up, such as its windows.
         *
         * @param options the settings
         * @return this
         */
        public Builder connector(ConnectorOptions options) {
            settings.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Sets what the server takes on at most.
         *
         * @param limits {@link ServerLimits#defaults} unless set
         * @return this
         */
        public Builder limits(ServerLimits limits) {
            settings.limits = Objects.requireNonNull(limits, "limits");
            return this;
        }

        /**
         * Sets the pool of network buffers, for one that several servers share or that tracks leaks.
         *
         * @param pool by default one of the server's own
         * @return this
         */
        public Builder bufferPool(ByteBufferPool pool) {
            settings.pool = Objects.requireNonNull(pool, "pool");
            return this;
        }

        /**
         * Limits how long {@link DuplexServer#close} waits for peers of closed connections to end their half.
         *
         * @param limit zero or more; 5 seconds by default
         * @return this
         * @throws IllegalArgumentException if {@code limit} is negative
         */
        public Builder closeTimeout(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("closeTimeout must not be negative but was " + limit);
            }
            closeTimeout = limit;
            return this;
        }

        /**
         * Starts the server.
         *
         * @return the server, listening
         * @throws BindException if the address is not this machine's, or the port is taken
         * @throws IOException if it cannot listen for another reason, or TLS cannot be set up
         * @throws IllegalStateException if {@link #clientAuth} was set without TLS
         */
        public DuplexServer start() throws IOException {
            Map<String, DuplexHandler> handlers = new LinkedHashMap<>();
            Acceptor accepting = allowedOrigins == null ? acceptor : acceptor.allowedOrigins(allowedOrigins);
            routes.forEach((path, route) ->
                    handlers.put(path, admission.apply(route.apply(accepting)).outlivingRequests()));
            Handler handler = new Router(handlers, rest);
            for (int i = around.size() - 1; i >= 0; i--) {
                around.get(i).getTail().setHandler(handler);
                handler = around.get(i);
            }
            return new DuplexServer(ServerParts.start(settings, handler), closeTimeout);
        }
    }
}
