package io.h2conn.benchmarks.peer;

import io.h2conn.benchmarks.peer.JettyWebSocketConnections.Connection;
import io.h2conn.benchmarks.peer.JettyWebSocketConnections.Conversation;
import io.h2conn.benchmarks.peer.JettyWebSocketConnections.Transfer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/** The client of {@link JettyWebSocketPeer}. */
final class JettyWebSocketClient implements PeerClient {
    private final String uri;
    private final WebSocketClient client;
    private final List<Connection> warm = new ArrayList<>();
    private final Map<Layout, List<PingPong>> echoes = new HashMap<>();
    private final Map<Service, Transfer> transfers = new EnumMap<>(Service.class);
    private final List<Conversation> feed = Collections.synchronizedList(new ArrayList<>());
    private FeedArrivals arrivals = new FeedArrivals(0);

    JettyWebSocketClient(int port, Security security) throws Exception {
        ClientConnector connector = new ClientConnector();
        if (security == Security.TLS) {
            connector.setSslContextFactory(JettyWebSocketPeer.configured(new SslContextFactory.Client()));
        }
        uri = (security == Security.TLS ? "wss" : "ws") + "://127.0.0.1:" + port;
        client = new WebSocketClient(new HttpClient(new HttpClientTransportOverHTTP(connector)));
        JettyWebSocketPeer.configure(client);
        client.start();
    }

    /** Opens a connection. */
    Conversation converse(Service service, Function<Conversation, MessageReceiver> receiver) throws Exception {
        return connect(new Conversation(receiver), service);
    }

    private <L> L connect(L listener, Service service) throws Exception {
        client.connect(listener, URI.create(uri + service.path())).get();
        return listener;
    }

    private Transfer transfer(Service service) throws Exception {
        Transfer transfer = transfers.get(service);
        if (transfer == null) {
            transfer = connect(new Transfer(), service);
            transfers.put(service, transfer);
            warm.add(transfer);
        }
        return transfer;
    }

    @Override
    public Outcome pingPong(Layout layout, Waiting waiting, long nanos) throws Exception {
        List<PingPong> connections = echoes.get(layout);
        if (connections == null) {
            connections = openEchoes(layout.connections());
            echoes.put(layout, connections);
        }
        return PingPong.play(connections, waiting, nanos);
    }

    private List<PingPong> openEchoes(int count) throws Exception {
        List<PingPong> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            warm.add(converse(Service.ECHO, opened -> {
                PingPong connection = new PingPong(connections.size(), opened::send);
                connections.add(connection);
                return connection;
            }));
        }
        return connections;
    }

    @Override
    public Outcome bulk(Direction direction, long nanos) throws Exception {
        Transfer transfer = transfer(direction == Direction.UP ? Service.SINK : Service.SOURCE);
        JettyWebSocketSender sender = transfer.begin(Pattern.MAX_PIECE);
        long start = System.nanoTime();
        long sent = 0;
        if (direction == Direction.DOWN) {
            sender.send(ByteBuffer.allocate(0)); // begins it
            TimeUnit.NANOSECONDS.sleep(nanos);
        } else {
            for (; System.nanoTime() - start < nanos; sent += Pattern.MAX_PIECE) {
                sender.send(Pattern.piece(sent, Pattern.MAX_PIECE));
            }
        }
        transfer.end(sent);
        return new Outcome(sent + transfer.received(), System.nanoTime() - start, null);
    }

    @Override
    public Outcome messages(int bytes, long gapNanos, long nanos) throws Exception {
        Transfer transfer = transfer(Service.MESSAGES);
        JettyWebSocketSender sender = transfer.begin(bytes);
        long start = System.nanoTime();
        long sent = MessageSource.send(message -> sender.send(ByteBuffer.wrap(message)), bytes, gapNanos, nanos);
        Receipt receipt = transfer.end(sent);
        return new Outcome(receipt.received(), System.nanoTime() - start, receipt.latencies());
    }

    @Override
    public Outcome open(Layout layout) throws Exception {
        if (!feed.isEmpty()) {
            throw new IllegalStateException(feed.size() + " connections to the feed are open: release them first");
        }
        FeedArrivals expected = new FeedArrivals(layout.connections());
        arrivals = expected;
        long start = System.nanoTime();
        Repetition.share(
                layout.connections(), () -> feed.add(converse(Service.FEED, opened -> new FeedReceiver(expected))));
        return new Outcome(feed.size(), System.nanoTime() - start, null);
    }

    @Override
    public Outcome receive(long n) throws Exception {
        long start = System.nanoTime();
        return new Outcome(arrivals.await(n), System.nanoTime() - start, null);
    }

    @Override
    public void release() throws Exception {
        List<Conversation> connections = List.copyOf(feed);
        feed.clear();
        for (Conversation connection : connections) {
            connection.close();
        }
    }

    @Override
    public Outcome openAndClose(int concurrent, long nanos) throws Exception {
        List<JettyWebSocketExchange> workers = IntStream.range(0, concurrent)
                .mapToObj(number -> new JettyWebSocketExchange(this, number))
                .toList();
        return Repetition.of(workers, nanos);
    }

    @Override
    public void close() throws Exception {
        try {
            release();
            for (Connection connection : warm) {
                connection.close();
            }
        } finally {
            client.stop();
        }
    }
}
