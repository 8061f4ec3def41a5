package io.h2conn.benchmarks.peer;

import io.h2conn.ConnectionOptions;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.ConnectorOptions;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * This library: its client and one of its servers, as they come out of the box unless the name says otherwise. Those without
 * "direct" in their names have no direct reads.
 */
final class H2connPeer implements Peer {
    /** Longer than an exchange takes. */
    private static final Duration POLL = Duration.ofNanos(200_000);

    private final String name;
    private final Mounting mounting;
    private final boolean nonBlocking;
    private final UnaryOperator<DuplexClient.Builder> ofClient;

    /** How a server is made. */
    @FunctionalInterface
    interface Mounting {
        PeerServer start(Security security, H2connServices services) throws Exception;
    }

    private H2connPeer(
            String name, Mounting mounting, boolean nonBlocking, UnaryOperator<DuplexClient.Builder> ofClient) {
        this.name = name;
        this.mounting = mounting;
        this.nonBlocking = nonBlocking;
        this.ofClient = ofClient;
    }

    private H2connPeer(String name, Mounting mounting, boolean nonBlocking) {
        this(name, mounting, nonBlocking, client -> client.directReads(false));
    }

    /** Our own server, whose handlers block. */
    static H2connPeer embedded() {
        return new H2connPeer("h2conn-embedded", EmbeddedServer::new, false);
    }

    /** Our own server, whose handlers never block. */
    static H2connPeer embeddedNonBlocking() {
        return new H2connPeer("h2conn-embedded-nonblocking", EmbeddedServer::new, true);
    }

    /** A Jetty server as users have it, with handlers that block. */
    static H2connPeer mounted() {
        return new H2connPeer("h2conn-mounted", MountedServer::new, false);
    }

    /** A Jetty server as users have it, with handlers that never block. */
    static H2connPeer mountedNonBlocking() {
        return new H2connPeer("h2conn-mounted-nonblocking", MountedServer::new, true);
    }

    /** Our own server, and a client that gathers no writes: to see what gathering gains, and what it delays. */
    static H2connPeer ungathered() {
        return new H2connPeer(
                "h2conn-ungathered",
                EmbeddedServer::new,
                false,
                client -> client.directReads(false)
                        .options(ConnectionOptions.defaults().gatherWrites(false)));
    }

    /** Our own server and client, on both of which readers read the socket themselves. */
    static H2connPeer direct() {
        return direct("h2conn-direct", false, Duration.ZERO);
    }

    /** The same with handlers on platform threads, also where there are virtual ones. */
    static H2connPeer directOnPlatformThreads() {
        Executor threads = Executors.newCachedThreadPool();
        return new H2connPeer(
                "h2conn-direct-platform",
                (security, services) -> new EmbeddedServer(security, services, ConnectorOptions.defaults(), threads),
                false,
                UnaryOperator.identity());
    }

    /** The same, and a server whose handlers never block. */
    static H2connPeer directNonBlocking() {
        return direct("h2conn-direct-nonblocking", true, Duration.ZERO);
    }

    /** The same with handlers that block, and readers that poll before they sleep. */
    static H2connPeer polling() {
        return direct("h2conn-polling-direct", false, POLL);
    }

    private static H2connPeer direct(String name, boolean nonBlocking, Duration poll) {
        ConnectorOptions connector = ConnectorOptions.defaults().busyPoll(poll);
        return new H2connPeer(
                name,
                (security, services) -> new EmbeddedServer(security, services, connector, null),
                nonBlocking,
                client -> client.busyPoll(poll));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PeerServer serve(Security security) throws Exception {
        return mounting.start(security, new H2connServices(nonBlocking));
    }

    @Override
    public PeerClient client(int port, Security security) throws Exception {
        return new H2connClient(port, security, ofClient);
    }
}
