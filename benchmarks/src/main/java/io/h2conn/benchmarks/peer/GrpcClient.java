package io.h2conn.benchmarks.peer;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The client of {@link GrpcPeer}. A session is a channel, which has one TCP connection for the one address it has. */
final class GrpcClient implements PeerClient {
    private final int port;
    private final @Nullable SslContext tls;
    private final List<ManagedChannel> sessions = new ArrayList<>();
    private final Map<Layout, List<PingPong>> echoes = new HashMap<>();
    private final List<GrpcConversation> feed = Collections.synchronizedList(new ArrayList<>());
    private FeedArrivals arrivals = new FeedArrivals(0);

    GrpcClient(int port, Security security) throws IOException {
        this.port = port;
        tls = security == Security.TLS ? GrpcPeer.clientContext() : null;
    }

    private ManagedChannel session(int index) {
        while (sessions.size() <= index) {
            NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .directExecutor()
                    .disableRetry()
                    .flowControlWindow(GrpcPeer.WINDOW_BYTES);
            sessions.add((tls == null ? builder.usePlaintext() : builder.sslContext(tls)).build());
        }
        return sessions.get(index);
    }

    @Override
    public Outcome pingPong(Layout layout, Waiting waiting, long nanos) throws Exception {
        List<PingPong> connections = echoes.get(layout);
        if (connections == null) {
            connections = openEchoes(layout);
            echoes.put(layout, connections);
        }
        return PingPong.play(connections, waiting, nanos);
    }

    private List<PingPong> openEchoes(Layout layout) throws Exception {
        List<PingPong> connections = new ArrayList<>();
        for (int i = 0; i < layout.connections(); i++) {
            ClientCall<byte[], byte[]> call =
                    session(i % layout.sessions()).newCall(GrpcMethods.ECHO, CallOptions.DEFAULT);
            PingPong connection = new PingPong(i, call::sendMessage);
            new GrpcConversation(call, connection).awaitOpen();
            connections.add(connection);
        }
        return connections;
    }

    @Override
    public Outcome bulk(Direction direction, long nanos) throws Exception {
        GrpcTransfer<ByteBuffer> transfer =
                GrpcTransfer.open(session(0), direction == Direction.UP ? GrpcMethods.SINK : GrpcMethods.SOURCE);
        long start = System.nanoTime();
        long sent = 0;
        if (direction == Direction.DOWN) {
            transfer.send(ByteBuffer.allocate(0)); // begins it
            TimeUnit.NANOSECONDS.sleep(nanos);
        } else {
            for (; System.nanoTime() - start < nanos; sent += Pattern.MAX_PIECE) {
                transfer.send(Pattern.piece(sent, Pattern.MAX_PIECE));
            }
        }
        transfer.end(sent);
        return new Outcome(sent + transfer.received(), System.nanoTime() - start, null);
    }

    @Override
    public Outcome messages(int bytes, long gapNanos, long nanos) throws Exception {
        GrpcTransfer<byte[]> transfer = GrpcTransfer.open(session(0), GrpcMethods.MESSAGES);
        long start = System.nanoTime();
        long sent = MessageSource.send(transfer::send, bytes, gapNanos, nanos);
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
        List<ManagedChannel> channels =
                IntStream.range(0, layout.sessions()).mapToObj(this::session).toList();
        AtomicInteger next = new AtomicInteger();
        long start = System.nanoTime();
        Repetition.share(layout.connections(), () -> {
            ManagedChannel channel = channels.get(next.getAndIncrement() % channels.size());
            GrpcConversation call = new GrpcConversation(
                    channel.newCall(GrpcMethods.FEED, CallOptions.DEFAULT), new FeedReceiver(expected));
            call.awaitOpen();
            feed.add(call);
        });
        return new Outcome(feed.size(), System.nanoTime() - start, null);
    }

    @Override
    public Outcome receive(long n) throws Exception {
        long start = System.nanoTime();
        return new Outcome(arrivals.await(n), System.nanoTime() - start, null);
    }

    @Override
    public void release() throws Exception {
        List<GrpcConversation> calls = List.copyOf(feed);
        feed.clear();
        for (GrpcConversation call : calls) {
            call.close();
        }
    }

    @Override
    public Outcome openAndClose(int concurrent, long nanos) throws Exception {
        ManagedChannel session = session(0);
        List<GrpcExchange> workers = IntStream.range(0, concurrent)
                .mapToObj(number -> new GrpcExchange(session, number))
                .toList();
        workers.get(0).run(); // now the session is there
        return Repetition.of(workers, nanos);
    }

    @Override
    public void close() throws InterruptedException {
        for (ManagedChannel session : sessions) {
            session.shutdownNow();
        }
        for (ManagedChannel session : sessions) {
            session.awaitTermination(10, TimeUnit.SECONDS);
        }
    }
}
