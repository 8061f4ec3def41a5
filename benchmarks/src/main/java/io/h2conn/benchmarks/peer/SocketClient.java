package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.SocketFactory;

/** A TCP connection for each connection, whatever the layout says. Knows no callbacks. */
final class SocketClient implements PeerClient {
    private final SocketFactory sockets;
    private final int port;
    private final List<Link> pingPong = new ArrayList<>();
    private final List<Exchanges> exchanges = new ArrayList<>();
    private final List<Link> feed = new ArrayList<>();
    private final List<FeedSequence> sequences = new ArrayList<>();

    SocketClient(int port, Security security) throws Exception {
        this.sockets = Sockets.factory(security);
        this.port = port;
    }

    private Link connect(Service service) throws IOException {
        Link link = new SocketLink(Sockets.connect(sockets, port));
        link.write(ByteBuffer.wrap(new byte[] {(byte) service.ordinal()}));
        return link;
    }

    private Collection<Link> connect(Service service, int connections) throws Exception {
        Queue<Link> links = new ConcurrentLinkedQueue<>();
        Repetition.share(connections, () -> links.add(connect(service)));
        return links;
    }

    @Override
    public Outcome pingPong(Layout layout, Waiting waiting, long nanos) throws Exception {
        if (waiting == Waiting.CALLBACK) {
            throw new UnsupportedOperationException("sockets that block have no callbacks; only waiting=thread");
        }
        if (pingPong.size() != layout.connections()) {
            closeAll(pingPong);
            exchanges.clear();
            pingPong.addAll(connect(Service.ECHO, layout.connections()));
            for (int i = 0; i < layout.connections(); i++) {
                exchanges.add(new Exchanges(i));
            }
        }
        return LinkWorkloads.pingPong(pingPong, exchanges, nanos);
    }

    @Override
    public Outcome bulk(Direction direction, long nanos) throws Exception {
        try (Link link = connect(direction == Direction.UP ? Service.SINK : Service.SOURCE)) {
            return LinkWorkloads.bulk(link, direction, nanos);
        }
    }

    @Override
    public Outcome messages(int bytes, long gapNanos, long nanos) throws Exception {
        try (Link link = connect(Service.MESSAGES)) {
            return LinkWorkloads.messages(link, bytes, gapNanos, nanos);
        }
    }

    @Override
    public Outcome open(Layout layout) throws Exception {
        release();
        long start = System.nanoTime();
        feed.addAll(connect(Service.FEED, layout.connections()));
        long nanos = System.nanoTime() - start;
        feed.forEach(link -> sequences.add(new FeedSequence()));
        return new Outcome(feed.size(), nanos, null);
    }

    /** One connection after the other: what arrives meanwhile waits in their sockets. */
    @Override
    public Outcome receive(long n) throws Exception {
        long start = System.nanoTime();
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + Messages.SMALL);
        for (int i = 0; i < feed.size(); i++) {
            long received;
            do {
                feed.get(i).readFully(frame.clear());
                if (frame.flip().getInt() != Messages.SMALL) {
                    throw new IOException("a message of the feed has " + frame.getInt(0) + " bytes");
                }
                byte[] message = new byte[Messages.SMALL];
                frame.get(message);
                received = sequences.get(i).take(message);
            } while (received < n);
        }
        return new Outcome(feed.size(), System.nanoTime() - start, null);
    }

    @Override
    public void release() throws Exception {
        closeAll(feed);
        sequences.clear();
    }

    @Override
    public Outcome openAndClose(int concurrent, long nanos) throws Exception {
        return LinkWorkloads.openAndClose(() -> connect(Service.ECHO), concurrent, nanos);
    }

    @Override
    public void close() throws Exception {
        release();
        closeAll(pingPong);
    }

    private static void closeAll(List<Link> links) throws IOException {
        for (Link link : links) {
            link.close();
        }
        links.clear();
    }
}
