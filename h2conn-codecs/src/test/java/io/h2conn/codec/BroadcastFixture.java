package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections to broadcast to, over memory, whose other ends read only when they are told to. */
final class BroadcastFixture implements AutoCloseable {
    /** Text after its length in 4 bytes; counts how often it encodes. */
    static final class CountingCodec implements Codec<String> {
        final AtomicInteger encoded = new AtomicInteger();

        @Override
        public void encode(String message, MessageOutput output) throws IOException {
            encoded.incrementAndGet();
            output.write(message.getBytes(UTF_8));
        }

        @Override
        public String decode(ByteBuffer message) {
            return UTF_8.decode(message).toString();
        }
    }

    /** The two ends of one connection. */
    record Link(MessageConnection<String, String> connection, MessageConnection<String, String> peer) {
        List<String> receive(int messages) throws IOException {
            List<String> received = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                received.add(peer.receive());
            }
            return received;
        }
    }

    /** Takes only a few small messages when nobody reads. */
    static final int SMALL = 100;

    final CountingCodec codec = new CountingCodec();
    private final List<DuplexConnection.Pair> pairs = new ArrayList<>();

    Link link(int windowBytes) {
        // What was accepted is with the peer at return, or waits for its credit: nothing moves by itself later.
        DuplexConnection.Pair pair = DuplexConnection.pair(
                windowBytes,
                ConnectionOptions.defaults().sendBufferBytes(windowBytes).gatherWrites(false));
        pairs.add(pair);
        return new Link(MessageConnection.of(pair.client(), codec), MessageConnection.of(pair.server(), codec));
    }

    /** Sends until one message has to wait in the queue. Returns what was sent; the last one waits. */
    static List<String> fill(Broadcast.Receiver<String> receiver) throws IOException {
        List<String> sent = new ArrayList<>();
        while (receiver.queued() == 0) {
            String message = "fill-" + sent.size();
            receiver.send(message);
            sent.add(message);
        }
        return sent;
    }

    static List<String> join(List<String> first, String... more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(more));
        return all;
    }

    @Override
    public void close() {
        for (DuplexConnection.Pair pair : pairs) {
            pair.client().abort();
            pair.server().abort();
        }
    }
}
