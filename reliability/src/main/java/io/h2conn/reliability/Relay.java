package io.h2conn.reliability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes TCP connections on to a server, and disturbs those of some ports at random. One thread, and a bounded buffer for
 * each direction.
 */
final class Relay implements AutoCloseable {
    private static final int READ = 32 * 1024;
    private static final long MEAN_NANOS_BETWEEN_FAULTS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int CLOSED_AT_ONCE_PERCENT = 4;

    private final Selector selector = Selector.open();
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final SplittableRandom random;
    private final @Nullable Plant plant;
    private final Set<Link> links = new LinkedHashSet<>();
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(READ);
    private final Map<Fault, AtomicLong> faults = new EnumMap<>(Fault.class);
    private final AtomicLong planted = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final Consumer<String> findings;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean gentle;

    /**
     * Begins to listen on loopback.
     *
     * @param seed decides about the faults, in the order in which TCP connections come
     * @param plain the server's port without TLS
     * @param tls the server's port with TLS
     * @param plant what to do to bytes of connections without TLS, or {@code null} for nothing
     * @param findings is told if the relay itself breaks
     */
    Relay(long seed, int plain, int tls, @Nullable Plant plant, Consumer<String> findings) throws IOException {
        this.findings = findings;
        random = new SplittableRandom(seed);
        this.plant = plant;
        for (Fault fault : Fault.values()) {
            faults.put(fault, new AtomicLong());
        }
        for (int kind = 0; kind < Settings.KINDS; kind++) {
            boolean withTls = kind >= Settings.kind(true, false);
            boolean faulty = kind == Settings.kind(withTls, true);
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT, new Listener(withTls ? tls : plain, faulty, !withTls));
            listeners.add(listener);
        }
        thread = new Thread(this::run, "soak-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private record Listener(int target, boolean faulty, boolean plantable) {}

    /** Where to connect, by kind. */
    List<Integer> ports() {
        return listeners.stream()
                .map(listener -> listener.socket().getLocalPort())
                .toList();
    }

    long count(Fault fault) {
        return counter(fault).get();
    }

    private AtomicLong counter(Fault fault) {
        return Objects.requireNonNull(faults.get(fault));
    }

    /** TCP connections so far. */
    long accepted() {
        return accepted.get();
    }

    int open() {
        return open.get();
    }

    /** Bytes that were lost, doubled or swapped on purpose. */
    long planted() {
        return planted.get();
    }

    /** No more faults. */
    void relent() {
        gentle = true;
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            findings.accept("the relay broke: " + e);
        }
    }

    private void turn() throws IOException {
        long now = System.nanoTime();
        long next = now + TimeUnit.MILLISECONDS.toNanos(100);
        for (Link link : links) {
            long at = link.wakeAt(now);
            next = at - next < 0 ? at : next;
        }
        long wait = next - now;
        if (wait <= 0) {
            selector.selectNow();
        } else {
            selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait)));
        }
        now = System.nanoTime();
        Set<Link> due = new LinkedHashSet<>();
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Listener listener) {
                accept((ServerSocketChannel) key.channel(), listener);
            } else {
                due.add((Link) key.attachment());
            }
        }
        selector.selectedKeys().clear();
        for (Link link : links) {
            if (link.wakeAt(now) - now <= 0) {
                due.add(link);
            }
        }
        for (Link link : due) {
            link.serve(now);
        }
        links.removeIf(Link::isClosed);
        open.set(links.size());
    }

    private void accept(ServerSocketChannel listener, Listener kind) throws IOException {
        SocketChannel client = listener.accept();
        if (client == null) {
            return;
        }
        accepted.incrementAndGet();
        SplittableRandom own = random.split();
        if (kind.faulty && !gentle && own.nextInt(100) < CLOSED_AT_ONCE_PERCENT) {
            count(Fault.CLOSED_AT_ONCE, own.nextBoolean(), client);
            return;
        }
        SocketChannel server;
        try {
            server = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), kind.target));
        } catch (IOException e) {
            reset(client); // the server is closing
            return;
        }
        links.add(new Link(client, server, kind, own));
    }

    private void count(Fault fault, boolean reset, SocketChannel client) throws IOException {
        counter(fault).incrementAndGet();
        if (reset) {
            reset(client);
        } else {
            client.close();
        }
    }

    private static void reset(SocketChannel channel) throws IOException {
        if (channel.isOpen()) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the sockets are closed all the same
        }
        for (Link link : links) {
            link.resetBoth();
        }
        for (ServerSocketChannel listener : listeners) {
            listener.close();
        }
        selector.close();
    }

    /** One TCP connection. */
    private final class Link {
        private final SocketChannel client;
        private final SocketChannel server;
        private final SelectionKey clientKey;
        private final SelectionKey serverKey;
        private final Pipe up;
        private final Pipe down;
        private final boolean faulty;
        private final SplittableRandom fate;
        private long nextFault;
        private long closeAt;
        private boolean closing;

        Link(SocketChannel client, SocketChannel server, Listener kind, SplittableRandom fate) throws IOException {
            this.client = client;
            this.server = server;
            this.faulty = kind.faulty;
            this.fate = fate;
            up = new Pipe(client, server, stage(kind, true), incoming);
            down = new Pipe(server, client, stage(kind, false), incoming);
            for (SocketChannel channel : List.of(client, server)) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            clientKey = client.register(selector, SelectionKey.OP_READ, this);
            serverKey = server.register(selector, SelectionKey.OP_READ, this);
            nextFault = System.nanoTime() + untilNextFault();
        }

        private Plant.@Nullable Stage stage(Listener kind, boolean fromClient) {
            return plant == null || !kind.plantable ? null : new Plant.Stage(plant, planted, fate.split(), fromClient);
        }

        private long untilNextFault() {
            return (long) (-Math.log(1 - fate.nextDouble()) * MEAN_NANOS_BETWEEN_FAULTS);
        }

        boolean isClosed() {
            return !client.isOpen() && !server.isOpen();
        }

        long wakeAt(long now) {
            long at = up.wakeAt(now);
            long other = down.wakeAt(now);
            at = other - at < 0 ? other : at;
            at = faulty && nextFault - at < 0 ? nextFault : at;
            return closing && closeAt - at < 0 ? closeAt : at;
        }

        void serve(long now) throws IOException {
            if (isClosed()) {
                return;
            }
            try {
                if (closing && closeAt - now <= 0) {
                    resetBoth();
                    return;
                }
                if (faulty && nextFault - now <= 0) {
                    nextFault = now + untilNextFault();
                    if (!gentle && !closing) {
                        trouble(now);
                    }
                }
                if (isClosed()) {
                    return;
                }
                up.pump(now);
                down.pump(now);
                if (up.endPassed() && down.endPassed()) {
                    client.close();
                    server.close();
                    return;
                }
                clientKey.interestOps(interest(up, down, now));
                serverKey.interestOps(interest(down, up, now));
            } catch (IOException e) {
                resetBoth(); // one end is gone, and so goes the other
            }
        }

        private int interest(Pipe from, Pipe to, long now) {
            return (from.wantsRead(now) ? SelectionKey.OP_READ : 0) | (to.wantsWrite(now) ? SelectionKey.OP_WRITE : 0);
        }

        private void trouble(long now) throws IOException {
            Pipe pipe = fate.nextBoolean() ? up : down;
            int kind = fate.nextInt(100);
            Fault fault = kind < 7
                    ? Fault.RESET
                    : kind < 14
                            ? Fault.ENDED
                            : kind < 35
                                    ? Fault.STALLED
                                    : kind < 55 ? Fault.SLOWED : kind < 80 ? Fault.DELAYED : Fault.FRAGMENTED;
            counter(fault).incrementAndGet();
            switch (fault) {
                case CLOSED_AT_ONCE -> throw new AssertionError("comes with accepting");
                case RESET -> resetBoth();
                case ENDED -> {
                    pipe.end();
                    closing = true;
                    closeAt = now + LINGER_NANOS;
                }
                case STALLED -> pipe.stall(now, fate);
                case SLOWED -> pipe.slow(now, fate);
                case DELAYED -> pipe.delay(now, fate);
                case FRAGMENTED -> pipe.fragment(now, fate);
            }
        }

        void resetBoth() throws IOException {
            reset(client);
            reset(server);
        }
    }
}
