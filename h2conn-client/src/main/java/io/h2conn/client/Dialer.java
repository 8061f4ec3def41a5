package io.h2conn.client;

import io.h2conn.Origin;
import io.h2conn.TlsException;
import io.h2conn.jetty.DuplexFlowControl;
import io.h2conn.jetty.Liveness;
import io.h2conn.jetty.Reading;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslClientConnectionFactory;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty's HTTP/2 client, set up for many long-lived streams. Makes TCP connections, and leaves the rest to the pool.
 */
final class Dialer {
    /** Bytes. The largest buffer that Jetty pools, and large enough for a whole TLS record to be decrypted in place. */
    private static final int INPUT_BUFFER_BYTES = 64 * 1024;

    /**
     * Bytes. What we allow the server to put into one frame: less overhead than 16 KiB, still short enough to share.
     */
    private static final int MAX_FRAME_BYTES = 64 * 1024;

    /** Bytes that all streams of a session may have under way. Large, since it is given back on receipt. */
    private static final int SESSION_WINDOW_BYTES = 16 * 1024 * 1024;

    /** Bytes of headers in one message; tokens in them can be long. */
    static final int MAX_HEADER_BYTES = 32 * 1024;

    /** From seconds to many minutes, as often as the strictest servers are known to want them. */
    private static final int MAX_SLOWNESS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);

    private final HTTP2Client client;
    private final SslContextFactory.Client tls;
    private final Network network;
    /** How much longer than usual heartbeats are apart, of servers that have asked for calm. */
    private final Map<WebOrigin, Integer> slowness = new ConcurrentHashMap<>();

    /** Asks the name service. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /**
     * What reaches servers.
     *
     * @param resolver may block
     * @param buffers for everything that is read or written
     * @param reading who reads the sockets
     */
    record Network(Resolver resolver, ByteBufferPool buffers, Reading reading) {}

    /**
     * Starts the threads.
     *
     * @param tls not yet started; stopped with the rest
     * @param maxStreamWindow bytes that a server may have under way on one stream
     * @param network what reaches servers
     * @throws IllegalArgumentException if there is something wrong with the TLS settings
     */
    Dialer(SslContextFactory.Client tls, int maxStreamWindow, Network network) {
        this.tls = tls;
        this.network = network;
        this.client = new HTTP2Client(newConnector(tls, network.buffers()));
        client.setInputBufferSize(INPUT_BUFFER_BYTES);
        client.setMaxFrameSize(MAX_FRAME_BYTES);
        client.setInitialSessionRecvWindow(Math.max(SESSION_WINDOW_BYTES, maxStreamWindow));
        client.setInitialStreamRecvWindow(DuplexFlowControl.firstWindow(maxStreamWindow));
        client.setFlowControlStrategyFactory(() -> new DuplexFlowControl(maxStreamWindow));
        client.setMaxRequestHeadersSize(MAX_HEADER_BYTES);
        client.setMaxResponseHeadersSize(MAX_HEADER_BYTES);
        client.setMaxConcurrentPushedStreams(0);
        client.setStreamIdleTimeout(0);
        try {
            client.start();
        } catch (Exception e) {
            stop();
            throw new IllegalArgumentException("the client cannot start with these settings: " + e.getMessage(), e);
        }
    }

    private static ClientConnector newConnector(SslContextFactory.Client tls, ByteBufferPool buffers) {
        int selectors = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        // Daemons: a client that was forgotten does not keep the process alive. No reserved threads: the selector's own
        // thread then parses and delivers, and nothing is woken in between.
        QueuedThreadPool threads = new QueuedThreadPool(selectors + 8, selectors);
        threads.setName("h2conn-client");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        ClientConnector connector = new TlsAwareConnector();
        connector.setExecutor(threads);
        connector.setScheduler(new ScheduledExecutorScheduler("h2conn-client-scheduler", true));
        connector.setSelectors(selectors);
        connector.setSslContextFactory(tls);
        connector.setByteBufferPool(buffers);
        // A dial has a time limit of its own, and sessions are closed by the pool. Jetty fails with "none" for the
        // first.
        connector.setConnectTimeout(Duration.ofHours(1));
        connector.setIdleTimeout(Duration.ZERO);
        return connector;
    }

    /** A server has asked for calm: its heartbeats come half as often from now on, on sessions that are opened later. */
    void calmDown(WebOrigin origin) {
        slowness.merge(origin, 2, (old, two) -> Math.min(old * two, MAX_SLOWNESS));
        LOG.info("{} asks for calm; its next sessions have fewer heartbeats", origin);
    }

    /** How a server is watched, after what it has said about it. */
    Liveness calmed(WebOrigin origin, Liveness liveness) {
        Integer factor = slowness.get(origin);
        return factor == null
                ? liveness
                : liveness.heartbeat(liveness.heartbeat().multipliedBy(factor));
    }

    Dial dial(WebOrigin origin, Duration limit, Session.Listener listener, Consumer<OpenFailure> onFailure) {
        return new Dial(client, network, origin.tls() ? tls : null, origin, limit, listener, onFailure);
    }

    /**
     * Uses another context for the sessions that are opened from now on.
     *
     * @throws TlsException if it cannot be used; then nothing has changed
     */
    void reloadTls(SSLContext context) throws TlsException {
        SSLContext old = tls.getSslContext();
        try {
            context.createSSLEngine();
            tls.reload(changed -> changed.setSslContext(context));
        } catch (Exception e) {
            tls.setSslContext(old);
            throw new TlsException(
                    "the new TLS context cannot be used, and the old one stays in use: " + e.getMessage(),
                    Origin.LOCAL,
                    e);
        }
    }

    /** Ends the threads, and with them all sessions that are still there. */
    void stop() {
        try {
            client.stop();
        } catch (Exception e) {
            LOG.warn("the client did not stop in an orderly way", e);
        }
    }

    /** Tells a {@link Dial} what happens on its TLS layer. */
    private static final class TlsAwareConnector extends ClientConnector {
        @Override
        public ClientConnectionFactory newSslClientConnectionFactory(
                SslContextFactory.@Nullable Client tls, ClientConnectionFactory wrapped) {
            return new TlsFactory(
                    tls == null ? getSslContextFactory() : tls, getByteBufferPool(), getExecutor(), wrapped);
        }
    }

    private static final class TlsFactory extends SslClientConnectionFactory {
        TlsFactory(
                SslContextFactory.Client tls, ByteBufferPool pool, Executor executor, ClientConnectionFactory wrapped) {
            super(tls, pool, executor, wrapped);
        }

        @Override
        public Connection newConnection(EndPoint endPoint, Map<String, Object> context) throws IOException {
            ReportingConnection connection = (ReportingConnection) super.newConnection(endPoint, context);
            Dial.Attempt attempt = Objects.requireNonNull((Dial.Attempt) context.get(Dial.CONTEXT_KEY));
            connection.attempt = attempt;
            connection.addHandshakeListener(new SslHandshakeListener() {
                @Override
                public void handshakeSucceeded(Event event) throws SSLException {
                    attempt.onHandshake(event.getSSLEngine().getApplicationProtocol());
                }
            });
            return connection;
        }

        @Override
        protected SslConnection newSslConnection(EndPoint endPoint, SSLEngine engine) {
            return new ReportingConnection(this, endPoint, engine);
        }
    }

    private static final class ReportingConnection extends SslConnection {
        private volatile Dial.@Nullable Attempt attempt;

        ReportingConnection(SslClientConnectionFactory factory, EndPoint endPoint, SSLEngine engine) {
            super(
                    factory.getByteBufferPool(),
                    factory.getExecutor(),
                    factory.getSslContextFactory(),
                    endPoint,
                    engine,
                    factory.isDirectBuffersForEncryption(),
                    factory.isDirectBuffersForDecryption());
        }

        @Override
        protected SSLEngineResult unwrap(SSLEngine engine, ByteBuffer input, ByteBuffer output) throws SSLException {
            try {
                return super.unwrap(engine, input, output);
            } catch (SSLException e) {
                Dial.Attempt reported = attempt;
                if (reported != null) {
                    reported.onTlsFailure(e);
                }
                throw e;
            }
        }
    }
}
