package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What servers do on a {@link Link}, in its thread; {@link PeerServer} says what that is. All end with both halves. */
final class LinkServices {
    /** Bytes. Enough for every message of a ping-pong. */
    private static final int ECHO_BYTES = 16 * 1024;

    private LinkServices() {}

    /** Does what a client asks for, which is anything but a feed. */
    static void serve(Service service, Link link) throws Exception {
        switch (service) {
            case ECHO -> echo(link);
            case SINK -> link.write(ByteBuffer.wrap(new Receipt(sink(link), 0, null).toBytes()));
            case SOURCE -> source(link);
            case MESSAGES -> messages(link);
            case FEED -> throw new IllegalArgumentException("a feed does not end by itself");
        }
        link.closeOutput();
    }

    private static void echo(Link link) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(ECHO_BYTES);
        while (link.read(buffer) >= 0) {
            link.write(buffer.flip());
            buffer.clear();
        }
    }

    private static long sink(Link link) throws IOException {
        Sink sink = new Sink();
        ByteBuffer buffer = ByteBuffer.allocate(Pattern.MAX_PIECE);
        while (link.read(buffer) >= 0) {
            sink.take(buffer.flip());
            buffer.clear();
        }
        return sink.received();
    }

    private static void source(Link link) throws Exception {
        FutureTask<Long> sink = new FutureTask<>(() -> sink(link));
        new Thread(sink, "sink").start();
        long sent = 0;
        while (!sink.isDone()) {
            link.write(Pattern.piece(sent, Pattern.MAX_PIECE));
            sent += Pattern.MAX_PIECE;
        }
        try {
            link.write(ByteBuffer.wrap(new Receipt(sink.get(), sent, null).toBytes()));
        } catch (ExecutionException e) {
            throw new IOException("the client's half did not end as it should", e.getCause());
        }
    }

    private static void messages(Link link) throws IOException {
        MessageSink sink = new MessageSink();
        for (byte[] message = link.receive(); message != null; message = link.receive()) {
            sink.take(message);
        }
        link.send(sink.receipt().toBytes());
    }
}
