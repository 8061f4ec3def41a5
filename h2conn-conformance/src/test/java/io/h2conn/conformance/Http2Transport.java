package io.h2conn.conformance;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexConnector;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A server and a client on loopback. */
final class Http2Transport implements ConnectionSupplier {
    /** One byte more than HTTP/2's initial window, and 1 KiB: no multiple of anything that buffers have. */
    static final int ODD_WINDOW = 66_561;

    static final int TINY_WINDOW = 7;

    private static final int MANY_RESETS = 10_000;

    /** More than enough for a session to join what its streams write. */
    private static final int OTHERS = 4;

    private final Pairing pairing = new Pairing();
    private final List<DuplexConnection.Pair> others = new ArrayList<>();
    private final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();
    private final int window;
    private boolean keepsInputBeforeTheEnd = true;
    private boolean directReads = ConnectorOptions.defaults().directReads();
    private Server server;
    private URI uri;
    private AutoCloseable running;
    private DuplexClient client;

    private Http2Transport(int window) {
        this.window = window;
    }

    /** Our own server, without TLS. */
    static Http2Transport h2c(int window) throws IOException {
        Http2Transport transport = new Http2Transport(window);
        transport.embedded(DuplexServer.builder());
        return transport;
    }

    /** Our own server, with TLS. */
    static Http2Transport tls(int window) throws IOException {
        Http2Transport transport = new Http2Transport(window);
        transport.embedded(DuplexServer.builder().tls(TestTls.CONTEXT));
        return transport;
    }

    /** Our own server and client, where readers read their sockets themselves, or do not; with TLS or without. */
    static Http2Transport reading(boolean direct, boolean tls) throws IOException {
        Http2Transport transport = new Http2Transport(ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES);
        transport.directReads = direct;
        DuplexServer.Builder builder = DuplexServer.builder();
        transport.embedded(tls ? builder.tls(TestTls.CONTEXT) : builder);
        return transport;
    }

    /** A Jetty server of the application's own, with a connector that we have configured. */
    static Http2Transport configured() throws Exception {
        Http2Transport transport = new Http2Transport(ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES);
        transport.mounted(true);
        return transport;
    }

    /** A Jetty server of the application's own, as Jetty makes it but for its limit on resets. */
    static Http2Transport unconfigured() throws Exception {
        Http2Transport transport = new Http2Transport(ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES);
        transport.keepsInputBeforeTheEnd = false;
        transport.mounted(false);
        return transport;
    }

    /** Opens a few idle connections on the session that all pairs share, so that what they write may wait for company. */
    Http2Transport amongOthers() throws Exception {
        for (int i = 0; i < OTHERS; i++) {
            others.add(connect(ConnectionOptions.defaults()));
        }
        return this;
    }

    private void embedded(DuplexServer.Builder builder) throws IOException {
        DuplexServer embedded = builder.host("127.0.0.1")
                .connector(
                        ConnectorOptions.defaults().receiveWindowBytes(window).directReads(directReads))
                .bufferPool(pool)
                .handler(pairing)
                .start();
        begin(embedded.jetty(), embedded.uri(), embedded);
    }

    private void mounted(boolean configured) throws Exception {
        Server jetty = new Server(null, null, pool);
        HttpConfiguration configuration = new HttpConfiguration();
        HTTP2CServerConnectionFactory http2 = new HTTP2CServerConnectionFactory(configuration);
        // Jetty allows 128 resets a second, and would take a suite that tests resets for an attack now and then.
        http2.setRateControlFactory(new WindowRateControl.Factory(MANY_RESETS));
        ServerConnector connector = new ServerConnector(jetty, new HttpConnectionFactory(configuration), http2);
        connector.setHost("127.0.0.1");
        if (configured) {
            DuplexConnector.configure(connector);
        }
        jetty.addConnector(connector);
        jetty.setHandler(pairing);
        jetty.start();
        begin(jetty, URI.create("http://127.0.0.1:" + connector.getLocalPort()), jetty::stop);
    }

    private void begin(Server jetty, URI address, AutoCloseable closing) {
        server = jetty;
        uri = address;
        running = closing;
        client = DuplexClient.builder()
                .sslContext(TestTls.CONTEXT)
                .receiveWindow(window)
                .directReads(directReads)
                .build();
    }

    @Override
    public DuplexConnection.Pair connect(ConnectionOptions options) throws Exception {
        return pairing.connect(client, uri, options);
    }

    DuplexConnection.Pair connect(TcpRelay relay, ConnectionOptions options) throws Exception {
        return pairing.connect(client, relay.via(uri), options);
    }

    int port() {
        return uri.getPort();
    }

    @Override
    public Scale scale() {
        return window < 1024 ? Scale.TINY : Scale.FULL;
    }

    @Override
    public boolean keepsInputBeforeTheEnd() {
        return keepsInputBeforeTheEnd;
    }

    @Override
    public Collection<LeakProbe> leakProbes() {
        return List.of(
                new LeakProbe(
                        "buffers of the server's Jetty pool",
                        () -> pool.getLeaks().size()),
                new LeakProbe("streams on the server", () -> openStreams(server)));
    }

    static long openStreams(Server server) {
        return sessions(server).stream()
                .mapToLong(session -> session.getStreams().size())
                .sum();
    }

    static List<Session> sessions(Server server) {
        return Arrays.stream(server.getConnectors())
                .flatMap(connector -> connector.getConnectionFactories().stream())
                .filter(AbstractHTTP2ServerConnectionFactory.class::isInstance)
                .flatMap(factory -> ((AbstractHTTP2ServerConnectionFactory) factory)
                        .getBean(SessionContainer.class).getSessions().stream())
                .toList();
    }

    @Override
    public void close() throws Exception {
        client.close();
        running.close();
    }
}
