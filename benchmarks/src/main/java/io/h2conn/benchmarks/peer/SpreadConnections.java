package io.h2conn.benchmarks.peer;

import io.h2conn.DuplexConnection;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLSession;

/** As many connections, on a client of their own, on as many TCP connections as a {@link Layout} says. */
final class SpreadConnections implements AutoCloseable {
    private final DuplexClient client;
    private final List<DuplexConnection> connections;

    private SpreadConnections(DuplexClient client, List<DuplexConnection> connections) {
        this.client = client;
        this.connections = connections;
    }

    /**
     * Opens them.
     *
     * @throws IOException if a connect fails, or the layout is not kept
     */
    static SpreadConnections open(Layout layout, DuplexClient.Builder builder, ConnectRequest request)
            throws Exception {
        // Full sessions are evenly filled ones.
        DuplexClient client = builder.maxSessionsPerOrigin(layout.sessions())
                .maxConnectionsPerSession(layout.connectionsPerSession())
                .build();
        try {
            Queue<DuplexConnection> opened = new ConcurrentLinkedQueue<>();
            Repetition.share(layout.connections(), () -> opened.add(client.connect(request)));
            check(layout, opened);
            return new SpreadConnections(client, List.copyOf(opened));
        } catch (Exception e) {
            client.close();
            throw e;
        }
    }

    private static void check(Layout layout, Collection<DuplexConnection> connections) throws IOException {
        Map<SocketAddress, Integer> sessions = new HashMap<>();
        for (DuplexConnection connection : connections) {
            sessions.merge(Objects.requireNonNull(connection.info().localAddress()), 1, Integer::sum);
            SSLSession tls = connection.info().tls();
            if (tls != null && !tls.getProtocol().equals("TLSv1.3")) {
                throw new IOException("the server speaks " + tls.getProtocol() + " instead of TLS 1.3");
            }
        }
        boolean even = sessions.values().stream().allMatch(count -> count == layout.connectionsPerSession());
        if (sessions.size() != layout.sessions() || !even) {
            throw new IOException(layout + " became " + sessions);
        }
    }

    List<DuplexConnection> connections() {
        return connections;
    }

    /** Closes them, and their TCP connections. */
    @Override
    public void close() throws IOException {
        for (DuplexConnection connection : connections) {
            connection.close();
        }
        client.close();
    }
}
