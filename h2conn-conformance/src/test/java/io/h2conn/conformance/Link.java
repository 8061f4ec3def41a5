package io.h2conn.conformance;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A server and a client with a {@link TcpRelay} between them, for one test. */
final class Link implements AutoCloseable {
    private final Pairing pairing = new Pairing();
    private final DuplexServer server;
    private final TcpRelay relay;
    private final DuplexClient client;
    private final LeakCheck leaks;

    private Link(LeakCheck leaks, DuplexServer.Builder builder, TcpRelay.Tap tap) throws IOException {
        this(leaks, builder, DuplexClient.builder(), tap);
    }

    private Link(LeakCheck leaks, DuplexServer.Builder builder, DuplexClient.Builder clientBuilder, TcpRelay.Tap tap)
            throws IOException {
        this.leaks = leaks;
        server = builder.host("127.0.0.1").handler(pairing).start();
        relay = new TcpRelay(server.port(), tap);
        client = clientBuilder
                .sslContext(TestTls.CONTEXT)
                .maxSessionsPerOrigin(20)
                .build();
    }

    /** With peers that are watched closely. */
    static Link watching(LeakCheck leaks, boolean tls, TcpRelay.Tap tap, Duration heartbeat, Duration writeTimeout)
            throws IOException {
        DuplexServer.Builder builder = DuplexServer.builder()
                .connector(ConnectorOptions.defaults().heartbeat(heartbeat).writeTimeout(writeTimeout));
        return new Link(
                leaks,
                tls ? builder.tls(TestTls.CONTEXT) : builder,
                DuplexClient.builder().heartbeat(heartbeat).writeTimeout(writeTimeout),
                tap);
    }

    static Link of(LeakCheck leaks, boolean tls) throws IOException {
        return new Link(
                leaks, tls ? DuplexServer.builder().tls(TestTls.CONTEXT) : DuplexServer.builder(), TcpRelay.Tap.NONE);
    }

    /** Without TLS, since the frames have to be seen. */
    static Link watched(LeakCheck leaks, FrameLog frames) throws IOException {
        return new Link(leaks, DuplexServer.builder(), frames);
    }

    /** With handlers of the test's own. */
    static Link serving(LeakCheck leaks, boolean tls, UnaryOperator<DuplexServer.Builder> handlers) throws IOException {
        DuplexServer.Builder builder = handlers.apply(DuplexServer.builder());
        return new Link(leaks, tls ? builder.tls(TestTls.CONTEXT) : builder, TcpRelay.Tap.NONE);
    }

    /** A pair whose near end is the client, or the server. */
    Connector.Ends connect(boolean serverIsNear) throws Exception {
        return connect(serverIsNear, ConnectionOptions.defaults());
    }

    Connector.Ends connect(boolean serverIsNear, ConnectionOptions options) throws Exception {
        DuplexConnection.Pair pair = pairing.connect(client, relay.via(server.uri()), options);
        leaks.track(pair.client());
        leaks.track(pair.server());
        return serverIsNear
                ? new Connector.Ends(pair.server(), pair.client())
                : new Connector.Ends(pair.client(), pair.server());
    }

    /** A client's connection to a handler of the test's own. */
    DuplexConnection connect(String path) throws IOException {
        URI uri = relay.via(server.uri()).resolve(path);
        return leaks.track(client.connect(uri));
    }

    DuplexClient client() {
        return client;
    }

    TcpRelay relay() {
        return relay;
    }

    DuplexServer server() {
        return server;
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
        relay.close();
    }
}
