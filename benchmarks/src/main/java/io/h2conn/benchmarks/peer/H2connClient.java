package io.h2conn.benchmarks.peer;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.MessageConnection;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Our client as it comes out of the box, for all workloads that need no certain number of TCP connections; otherwise one
 * that is told this number, and nothing else.
 */
final class H2connClient implements PeerClient {
    private static final ConnectionOptions NON_BLOCKING =
            ConnectionOptions.defaults().nonBlockingCallbacks(true);

    /** Connections to the echo that are warm. */
    private record Echoes(
            Layout layout,
            Waiting waiting,
            SpreadConnections connections,
            List<Exchanges> exchanges,
            List<DuplexLink> links,
            List<EchoPlayer> players) {}

    /** Connections to the feed. */
    private record Receivers(SpreadConnections connections, FeedArrivals arrivals) {}

    private final int port;
    private final Security security;
    private final UnaryOperator<DuplexClient.Builder> settings;
    private final DuplexClient client;
    private @Nullable Echoes echoes;
    private @Nullable Receivers receivers;

    H2connClient(int port, Security security, UnaryOperator<DuplexClient.Builder> settings) throws Exception {
        this.settings = settings;
        this.port = port;
        this.security = security;
        client = builder().build();
    }

    private DuplexClient.Builder builder() throws Exception {
        DuplexClient.Builder builder = settings.apply(DuplexClient.builder());
        return security == Security.TLS ? builder.sslContext(Identity.context()) : builder;
    }

    private ConnectRequest request(Service service) {
        return ConnectRequest.to(
                (security == Security.TLS ? "https" : "http") + "://127.0.0.1:" + port + service.path());
    }

    @Override
    public Outcome pingPong(Layout layout, Waiting waiting, long nanos) throws Exception {
        Echoes warm = echoes;
        if (warm == null || !warm.layout.equals(layout) || warm.waiting != waiting) {
            closeEchoes();
            warm = connectEchoes(layout, waiting);
            echoes = warm;
        }
        return switch (waiting) {
            case THREAD -> LinkWorkloads.pingPong(warm.links, warm.exchanges, nanos);
            case CALLBACK -> Rally.play(warm.players, warm.exchanges, nanos);
        };
    }

    private Echoes connectEchoes(Layout layout, Waiting waiting) throws Exception {
        ConnectRequest request = request(Service.ECHO);
        SpreadConnections spread = SpreadConnections.open(
                layout, builder(), waiting == Waiting.CALLBACK ? request.options(NON_BLOCKING) : request);
        Echoes made = new Echoes(layout, waiting, spread, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (DuplexConnection connection : spread.connections()) {
            made.exchanges.add(new Exchanges(made.exchanges.size()));
            switch (waiting) {
                case THREAD -> made.links.add(new DuplexLink(connection));
                case CALLBACK -> made.players.add(EchoPlayer.on(connection));
            }
        }
        return made;
    }

    private void closeEchoes() throws IOException {
        Echoes warm = echoes;
        echoes = null;
        if (warm != null) {
            warm.connections.close();
        }
    }

    @Override
    public Outcome bulk(Direction direction, long nanos) throws Exception {
        Service service = direction == Direction.UP ? Service.SINK : Service.SOURCE;
        try (DuplexLink link = new DuplexLink(client.connect(request(service)))) {
            return LinkWorkloads.bulk(link, direction, nanos);
        }
    }

    @Override
    public Outcome messages(int bytes, long gapNanos, long nanos) throws Exception {
        try (DuplexLink link = new DuplexLink(client.connect(request(Service.MESSAGES)))) {
            return LinkWorkloads.messages(link, bytes, gapNanos, nanos);
        }
    }

    @Override
    public Outcome open(Layout layout) throws Exception {
        release();
        long start = System.nanoTime();
        SpreadConnections spread =
                SpreadConnections.open(layout, builder(), request(Service.FEED).options(NON_BLOCKING));
        long nanos = System.nanoTime() - start;
        FeedArrivals arrivals = new FeedArrivals(layout.connections());
        receivers = new Receivers(spread, arrivals);
        for (DuplexConnection connection : spread.connections()) {
            receive(connection, arrivals);
        }
        return new Outcome(layout.connections(), nanos, null);
    }

    private static void receive(DuplexConnection connection, FeedArrivals arrivals) {
        FeedSequence sequence = new FeedSequence();
        CompletionStage<?> unused = MessageConnection.of(connection, Codecs.bytes())
                .listen(message -> {
                    arrivals.arrived(sequence.take(message));
                    return null;
                })
                .whenComplete((end, failure) ->
                        arrivals.fail(failure == null ? new EOFException("the feed has ended") : failure));
    }

    @Override
    public Outcome receive(long n) throws Exception {
        Receivers open = receivers;
        if (open == null) {
            return new Outcome(0, 0, null);
        }
        long start = System.nanoTime();
        int received = open.arrivals.await(n);
        return new Outcome(received, System.nanoTime() - start, null);
    }

    @Override
    public void release() throws Exception {
        Receivers open = receivers;
        receivers = null;
        if (open != null) {
            open.connections.close();
        }
    }

    @Override
    public Outcome openAndClose(int concurrent, long nanos) throws Exception {
        ConnectRequest request = request(Service.ECHO);
        return LinkWorkloads.openAndClose(() -> new DuplexLink(client.open(request)), concurrent, nanos);
    }

    @Override
    public void close() throws Exception {
        release();
        closeEchoes();
        client.close();
    }
}
