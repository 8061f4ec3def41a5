package io.h2conn.reliability.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Passes TCP connections on to a server, and breaks those that are there when it is told to; later ones are well. */
final class FaultyRelay implements AutoCloseable {
    private static final int PIECE = 16 * 1024;

    /** Pieces a second at a limited rate. */
    private static final int PIECES = 4;

    /** Few, so that bytes wait with the operating system, and not here. */
    private static final int PIECES_UNDER_WAY = 2;

    private final ServerSocket listener = new ServerSocket();
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final AtomicLong passed = new AtomicLong();
    private final InetSocketAddress target;
    private final int receiveBuffer;
    private volatile long delayNanos;
    private volatile int bytesPerSecond;

    /**
     * Begins to listen on loopback.
     *
     * @param target the server's port
     * @param receiveBuffer SO_RCVBUF of both of its sockets, or 0 for what the operating system chooses
     */
    FaultyRelay(int target, int receiveBuffer) throws IOException {
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
        this.receiveBuffer = receiveBuffer;
        if (receiveBuffer > 0) {
            listener.setReceiveBufferSize(receiveBuffer);
        }
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start("accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Bytes passed on, in both directions. */
    long passed() {
        return passed.get();
    }

    /** From now on each piece is held back, and this many bytes a second pass in each direction. */
    void slow(long delayMillis, int rate) {
        delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
        bytesPerSecond = rate;
    }

    /** Sends RST both ways. */
    void reset() throws IOException {
        for (Link link : links) {
            link.client.setSoLinger(true, 0);
            link.server.setSoLinger(true, 0);
            link.close();
        }
    }

    /** Sends FIN both ways. */
    void end() throws IOException {
        for (Link link : links) {
            link.client.shutdownOutput();
            link.server.shutdownOutput();
        }
    }

    /** Reads nothing more, writes nothing more, and tells nobody. */
    void forget() {
        links.forEach(link -> link.forgotten = true);
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException ended) {
                        return; // a socket has been closed, by one of the two processes or by this one
                    } catch (InterruptedException e) {
                        throw new AssertionError("nobody interrupts this thread", e);
                    }
                },
                "fault-relay-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket server = new Socket();
            if (receiveBuffer > 0) {
                server.setReceiveBufferSize(receiveBuffer);
            }
            try {
                server.connect(target);
            } catch (IOException e) {
                client.close(); // as the server refuses
                continue;
            }
            Link link = new Link(client, server);
            links.add(link);
            link.begin();
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private final AtomicInteger ended = new AtomicInteger();
        private volatile boolean forgotten;

        private Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void begin() {
            begin(client, server);
            begin(server, client);
        }

        private void begin(Socket source, Socket sink) {
            BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(PIECES_UNDER_WAY);
            start("in", () -> take(source, pieces));
            start("out", () -> pass(sink, pieces));
        }

        private void take(Socket source, BlockingQueue<Piece> pieces) throws IOException, InterruptedException {
            byte[] buffer = new byte[PIECE];
            try {
                InputStream input = source.getInputStream();
                while (!forgotten) {
                    int most = bytesPerSecond > 0 ? Math.max(1, bytesPerSecond / PIECES) : PIECE;
                    int length = input.read(buffer, 0, most);
                    if (length < 0) {
                        break;
                    }
                    pieces.put(new Piece(System.nanoTime() + delayNanos, Arrays.copyOf(buffer, length)));
                }
            } finally {
                pieces.put(Piece.END);
            }
        }

        @SuppressWarnings("ReferenceEquality") // the end is one object
        private void pass(Socket sink, BlockingQueue<Piece> pieces) throws IOException, InterruptedException {
            OutputStream output = sink.getOutputStream();
            for (Piece piece = pieces.take(); piece != Piece.END; piece = pieces.take()) {
                TimeUnit.NANOSECONDS.sleep(piece.due - System.nanoTime());
                // A slice at a time: a large piece may have been taken before the network became slow.
                for (int at = 0; at < piece.bytes.length && !forgotten; ) {
                    int rate = bytesPerSecond;
                    int length = piece.bytes.length - at;
                    int slice = rate > 0 ? Math.min(length, Math.max(1, rate / PIECES)) : length;
                    write(output, piece.bytes, at, slice);
                    at += slice;
                    if (rate > 0) {
                        TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(slice) / rate);
                    }
                }
            }
            if (forgotten) {
                return; // and the sockets stay open
            }
            if (ended.incrementAndGet() == 2) {
                close();
            } else {
                sink.shutdownOutput();
            }
        }

        private void write(OutputStream output, byte[] bytes, int offset, int length) throws IOException {
            try {
                output.write(bytes, offset, length);
            } catch (IOException e) {
                close(); // also wakes the thread that takes
                throw e;
            }
            passed.addAndGet(length);
        }

        void close() throws IOException {
            links.remove(this);
            client.close();
            server.close();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares pieces
    private record Piece(long due, byte[] bytes) {
        static final Piece END = new Piece(0, new byte[0]);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Link link : links) {
            link.close();
        }
    }
}
