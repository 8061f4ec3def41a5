package io.h2conn.server;

import io.h2conn.ConnectionOptions;
import io.h2conn.jetty.DuplexFlowControl;
import io.h2conn.jetty.DuplexRateControl;
import io.h2conn.jetty.Liveness;
import io.h2conn.jetty.LogRation;
import io.h2conn.jetty.SessionSetup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EventListener;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares a Jetty connector for connections that live long and go both ways. Jetty's defaults are made for requests
 * that are answered at once:
 *
 * <ul>
 * <li>all streams of a TCP connection share one window, and a few that nobody reads stall the others for ever;
 * <li>bytes that have arrived are dropped when the TCP connection breaks, even if the peer had ended its half;
 * <li>frames that arrive for a stream that was just reset count as an attack, which ends the whole TCP connection;
 * <li>a request with more than 8 KiB of headers ends its TCP connection;
 * <li>a graceful stop resets what was quiet for a second.
 * </ul>
 *
 * <p>Ordinary requests on the same connector are served as before.
 */
public final class DuplexConnector {
    private static final Logger LOG = LoggerFactory.getLogger(DuplexConnector.class);

    /** Bytes. Given back as data arrives, so it bounds no memory, only what is on its way from one peer. */
    private static final int SESSION_WINDOW_BYTES = 16 * 1024 * 1024;
    /** Bytes. A quarter of the frames, and headers, of the smallest size that the protocol allows. */
    private static final int MAX_FRAME_BYTES = 64 * 1024;
    /** Bytes. The largest buffer that Jetty pools; larger ones are allocated for every read. */
    private static final int INPUT_BUFFER_BYTES = 64 * 1024;

    /** How many times the headers that are answered 431 may be as large before the session ends: that much is read. */
    private static final int FATAL_HEADERS = 4;
    /** Bytes. RFC 9113, section 6.5.2. */
    private static final int HEADER_OVERHEAD = 32;

    private static final Set<Connector> WARNED =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private DuplexConnector() {}

    /** Prepares each session. */
    private record OnOpen(Liveness liveness, int maxHeaderBytes) implements HTTP2Session.LifeCycleListener {
        @Override
        public void onOpen(Session session) {
            SessionSetup.prepare((HTTP2Session) session, false, liveness);
        }
    }

    /** Says in the log who could not agree on TLS, and why. Jetty does so only for debugging. */
    private static final class FailedHandshakes implements SslHandshakeListener {
        static final FailedHandshakes INSTANCE = new FailedHandshakes();
        private static final LogRation RATION = new LogRation();

        @Override
        public void handshakeFailed(Event event, Throwable failure) {
            RATION.log(suffix -> LOG.info(
                    "no TLS with {}: {}{}",
                    event.getEndPoint().getRemoteSocketAddress(),
                    failure.getMessage(),
                    suffix));
        }
    }

    /**
     * Makes a connector that saves system calls beside what {@link #configure} does, and on which {@link
     * ConnectorOptions#directReads(boolean)} works. Its host and port are still to be set, and it is to be added to the server.
     *
     * @param server what it will be part of
     * @param options the settings
     * @param protocols with HTTP/2 among them, over TLS or not, as for Jetty's own connector
     * @return the connector
     * @throws IllegalArgumentException if it does not speak HTTP/2
     */
    public static ServerConnector create(Server server, ConnectorOptions options, ConnectionFactory... protocols) {
        return configure(new SparingConnector(server, options.reading(), protocols), options);
    }

    /**
     * Prepares a connector, with default settings. Call it before the server starts.
     *
     * @param connector a connector that speaks HTTP/2, over TLS or not
     * @return the connector
     * @throws IllegalArgumentException if it does not speak HTTP/2
     */
    public static ServerConnector configure(ServerConnector connector) {
        return configure(connector, ConnectorOptions.defaults());
    }

    /**
     * Prepares a connector. Call it before the server starts.
     *
     * @param connector a connector that speaks HTTP/2, over TLS or not
     * @param options the settings
     * @return the connector
     * @throws IllegalArgumentException if it does not speak HTTP/2, or {@code options} ask for direct reads, which only a
     *     connector of {@link #create} can have
     */
    public static ServerConnector configure(ServerConnector connector, ConnectorOptions options) {
        if (options.directReads() && options.reading().asked() && !(connector instanceof SparingConnector)) {
            throw new IllegalArgumentException(
                    "directReads and busyPoll need a connector made by DuplexConnector.create, unlike " + connector);
        }
        List<AbstractHTTP2ServerConnectionFactory> factories = http2Factories(connector);
        if (factories.isEmpty()) {
            throw new IllegalArgumentException("the connector " + connector + " does not speak HTTP/2; give it an"
                    + " HTTP2ServerConnectionFactory (with TLS) or an HTTP2CServerConnectionFactory (without)");
        }
        factories.forEach(factory -> configure(factory, options));
        SslConnectionFactory tls = connector.getConnectionFactory(SslConnectionFactory.class);
        if (tls != null && tls.getBean(FailedHandshakes.class) == null) {
            tls.addBean(FailedHandshakes.INSTANCE);
        }
        DuplexConnections.of(connector.getServer());
        if (connector.getBean(TcpGate.class) == null) {
            connector.addBean(new TcpGate(connector));
        }
        // During a graceful stop, how long a quiet TCP connection is kept for closes that still linger.
        long lingering = ConnectionOptions.DEFAULT_CLOSE_TIMEOUT.toMillis();
        connector.setShutdownIdleTimeout(Math.max(connector.getShutdownIdleTimeout(), lingering));
        return connector;
    }

    /**
     * Prepares one connection factory, for connectors that are put together in other ways. The sizes of the input buffer and
     * of a request's headers are settings of the factory's {@link HttpConfiguration}; a factory for HTTP/1.1 with the same
     * configuration has larger ones, too.
     *
     * @param factory a factory for HTTP/2
     * @param options the settings
     */
    public static void configure(AbstractHTTP2ServerConnectionFactory factory, ConnectorOptions options) {
        factory.setFlowControlStrategyFactory(() -> new DuplexFlowControl(options.receiveWindowBytes()));
        factory.setRateControlFactory(new DuplexRateControl.Factory());
        factory.setInitialSessionRecvWindow(Math.max(SESSION_WINDOW_BYTES, options.receiveWindowBytes()));
        factory.setInitialStreamRecvWindow(DuplexFlowControl.firstWindow(options.receiveWindowBytes()));
        factory.setMaxConcurrentStreams(options.maxStreams());
        factory.setMaxFrameSize(MAX_FRAME_BYTES);
        factory.setInputBufferSize(Math.max(factory.getInputBufferSize(), INPUT_BUFFER_BYTES));
        HttpConfiguration configuration = factory.getHttpConfiguration();
        int fatal = (int) Math.min(Integer.MAX_VALUE, (long) options.maxHeaderBytes() * FATAL_HEADERS);
        configuration.setRequestHeaderSize(Math.max(configuration.getRequestHeaderSize(), fatal));
        preparing(factory).forEach(factory::removeEventListener);
        factory.addEventListener(
                new OnOpen(new Liveness(options.heartbeat(), options.writeTimeout()), options.maxHeaderBytes()));
    }

    private static List<EventListener> preparing(AbstractHTTP2ServerConnectionFactory factory) {
        return factory.getEventListeners().stream()
                .filter(OnOpen.class::isInstance)
                .toList();
    }

    static List<AbstractHTTP2ServerConnectionFactory> http2Factories(Connector connector) {
        List<AbstractHTTP2ServerConnectionFactory> found = new ArrayList<>();
        for (ConnectionFactory factory : connector.getConnectionFactories()) {
            if (factory instanceof AbstractHTTP2ServerConnectionFactory http2) {
                found.add(http2);
            }
        }
        return found;
    }

    /** What to answer a request whose headers are larger than the connector's options allow, or {@code null}. */
    static @Nullable Refusal headersRefusal(Connector connector, Request request) {
        for (AbstractHTTP2ServerConnectionFactory factory : http2Factories(connector)) {
            for (EventListener listener : factory.getEventListeners()) {
                if (listener instanceof OnOpen settings && size(request) > settings.maxHeaderBytes) {
                    return Refusal.status(HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431)
                            .body("This server's limit is reached: maxHeaderBytes is " + settings.maxHeaderBytes
                                    + ".\n");
                }
            }
        }
        return null;
    }

    /** RFC 9113, section 6.5.2: how SETTINGS_MAX_HEADER_LIST_SIZE counts; the pseudo-header fields by their largest part. */
    private static long size(Request request) {
        long size = request.getHttpURI().getPathQuery().length();
        for (HttpField field : request.getHeaders()) {
            String value = field.getValue();
            size += field.getName().length() + (value == null ? 0 : value.length()) + HEADER_OVERHEAD;
        }
        return size;
    }

    /** Says once what a connector lacks. */
    static void warnUnlessConfigured(Connector connector, HTTP2Session session) {
        if (session.getFlowControlStrategy() instanceof DuplexFlowControl || !WARNED.add(connector)) {
            return;
        }
        List<AbstractHTTP2ServerConnectionFactory> factories = http2Factories(connector);
        List<String> lacks = new ArrayList<>();
        lacks.add(
                "flow control that keeps a connection nobody reads from stalling the others on its TCP connection, bounds"
                        + " the memory that small frames cost, and keeps bytes that have arrived when the TCP connection breaks");
        if (!factories.stream().allMatch(f -> f.getRateControlFactory() instanceof DuplexRateControl.Factory)) {
            lacks.add("rate control that does not end the TCP connection after a burst of resets or PINGs");
        }
        if (factories.stream().anyMatch(f -> preparing(f).isEmpty())) {
            lacks.add("heartbeats as you set them, and bounds for peers that do not read");
        }
        if (factories.stream()
                .anyMatch(f ->
                        f.getHttpConfiguration().getRequestHeaderSize() < ConnectorOptions.DEFAULT_MAX_HEADER_BYTES)) {
            lacks.add("room for long headers, which end the TCP connection");
        }
        if (connector instanceof ServerConnector known
                && known.getShutdownIdleTimeout() < ConnectionOptions.DEFAULT_CLOSE_TIMEOUT.toMillis()) {
            lacks.add("time for quiet connections in a graceful stop");
        }
        LOG.warn(
                "the connector {} is not configured for duplex connections; they work, but it lacks {}. Call"
                        + " DuplexConnector.configure(connector) before the server starts",
                connector,
                String.join("; ", lacks));
    }
}
