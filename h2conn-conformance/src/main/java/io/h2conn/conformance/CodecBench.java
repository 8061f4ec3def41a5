package io.h2conn.conformance;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codec;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one test of a codec needs: random messages, connections for them, and their bytes. */
final class CodecBench<T> {
    /** How many places a stream is cut at. Enough for every place of a short one. */
    private static final int MAX_CUTS = 500;
    /** How many messages a small or a large one is chosen from. */
    private static final int SAMPLE = 40;

    private final CodecConformance<T> suite;
    private final Connector connector;
    private final long seed =
            Long.getLong("h2conn.seed", ThreadLocalRandom.current().nextLong());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final AtomicReference<@Nullable Throwable> sendFailure = new AtomicReference<>();

    CodecBench(CodecConformance<T> suite, Connector connector) {
        this.suite = suite;
        this.connector = connector;
    }

    // ---------------------------------------------------------------- messages

    Codec<T> codec() {
        return suite.codec();
    }

    CodecConformance<T> suite() {
        return suite;
    }

    long seed() {
        return seed;
    }

    SplittableRandom random() {
        return random;
    }

    T message() {
        return suite.message(random);
    }

    List<T> messages(int count) {
        return Stream.generate(this::message).limit(count).toList();
    }

    /** Messages that are rather short, for what is done at every byte. */
    List<T> shortMessages(int count) {
        return bySize().subList(SAMPLE / 8, SAMPLE / 8 + count);
    }

    /** From the smallest to the largest. */
    List<T> bySize() {
        return messages(SAMPLE).stream()
                .sorted(Comparator.comparingInt(this::sizeOf))
                .toList();
    }

    int sizeOf(T message) {
        try {
            return suite.sizeOf(message);
        } catch (IOException e) {
            throw new AssertionError("the suite's own message cannot be encoded: " + message, e);
        }
    }

    void requireSame(List<T> sent, List<T> received) {
        for (int i = 0; i < Math.min(sent.size(), received.size()); i++) {
            requireSame(sent.get(i), received.get(i));
        }
        if (sent.size() != received.size()) {
            throw new AssertionError(sent.size() + " messages were sent but " + received.size() + " received");
        }
    }

    void requireSame(T sent, @Nullable T received) {
        if (received == null || !suite.isSame(sent, received)) {
            throw new AssertionError("sent " + sent + " but received " + received);
        }
    }

    // ---------------------------------------------------------------- connections

    /** Two ends; what one sends, the other receives. */
    record Ends<T>(MessageConnection<T, T> near, MessageConnection<T, T> far) implements AutoCloseable {
        /** Bytes for the near end to receive, all of them sent on when this returns. */
        void sendBytes(byte[] bytes, int from, int to) throws IOException {
            far.connection().write(ByteBuffer.wrap(bytes, from, to - from));
            far.connection().flush();
        }

        @Override
        public void close() throws IOException {
            far.close();
            near.close();
        }
    }

    Ends<T> connect() {
        return connect(codec(), codec());
    }

    Ends<T> connect(Codec<T> nearCodec, Codec<T> farCodec) {
        Connector.Ends ends = connector.connect();
        return new Ends<>(MessageConnection.of(ends.near(), nearCodec), MessageConnection.of(ends.far(), farCodec));
    }

    /** Sends messages and ends that half, on a thread of its own. If that fails, whoever receives need not wait. */
    Task<Boolean> sendAndEnd(MessageConnection<?, T> connection, List<T> messages) {
        return send(connection, () -> {
            for (T message : messages) {
                connection.send(message);
            }
            connection.closeOutput();
        });
    }

    /** Sends on a thread of its own. If that fails, whoever receives need not wait. */
    Task<Boolean> send(MessageConnection<?, T> connection, Task.Action sending) {
        return Task.run(() -> {
            try {
                sending.run();
            } catch (Throwable e) {
                sendFailure.compareAndSet(null, e);
                connection.connection().abort();
                throw e;
            }
        });
    }

    /** Why sending failed first, if it did: the cause of whatever else fails then. */
    @Nullable
    Throwable sendFailure() {
        return sendFailure.get();
    }

    static <T> List<T> receiveAll(MessageConnection<T, ?> connection) throws IOException {
        List<T> received = new ArrayList<>();
        for (T message = connection.receive(); message != null; message = connection.receive()) {
            received.add(message);
        }
        return received;
    }

    // ---------------------------------------------------------------- bytes

    /** What is on the wire for messages. */
    byte[] encode(List<T> messages) throws Exception {
        Connector.Ends ends = connector.connect();
        try (DuplexConnection far = ends.far();
                MessageConnection<T, T> near = MessageConnection.of(ends.near(), codec())) {
            Task<Boolean> sending = sendAndEnd(near, messages);
            byte[] bytes = far.input().readAllBytes();
            sending.get();
            return bytes;
        }
    }

    byte[] encode(T message) throws Exception {
        return encode(List.of(message));
    }

    /** The places to cut bytes at: every one, unless there are too many. */
    static int[] cuts(byte[] bytes) {
        int step = 1 + bytes.length / MAX_CUTS;
        return IntStream.iterate(1, cut -> cut < bytes.length, cut -> cut + step)
                .toArray();
    }
}
