package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codec;
import io.h2conn.codec.MessageConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a codec must do whose framing marks no boundaries, {@link io.h2conn.codec.Framing#none()}: chunks may come out in
 * other pieces than they were sent in, but together they are the same bytes, and none is empty or too large.
 *
 * @param <T> the type of the chunks
 */
public abstract class ChunkConformance<T> extends ConnectionConformance {
    private static final int TOTAL = 300_000;

    @RegisterExtension
    final CodecBenchExtension bench = new CodecBenchExtension();

    /** For subclasses. */
    protected ChunkConformance() {}

    /**
     * The codec under test.
     *
     * @return may be the same each time
     */
    protected abstract Codec<T> codec();

    /**
     * Makes a chunk.
     *
     * @param bytes what is in it, at least one byte
     * @return the chunk
     */
    protected abstract T chunk(byte[] bytes);

    /**
     * Looks into a chunk.
     *
     * @param chunk one that was received
     * @return the bytes in it
     */
    protected abstract byte[] bytes(T chunk);

    /**
     * Starts the transport beneath the chunks.
     *
     * @return pairs in memory unless overridden
     */
    @Override
    protected ConnectionSupplier start() throws Exception {
        return options -> DuplexConnection.pair(64 * 1024, options);
    }

    @Test
    void chunksAreTogetherWhatWasSent(Connector connector) throws Exception {
        byte[] sent = Bytes.random(TOTAL);
        Connector.Ends ends = connector.connect();
        MessageConnection<T, T> near = MessageConnection.of(ends.near(), codec());
        Task<Boolean> sending = send(near, sent);
        assertThat(receiveAll(MessageConnection.of(ends.far(), codec()))).isEqualTo(sent);
        sending.get();
        assertThat(ends.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void noChunkIsEmptyOrLargerThanTheLimit(Connector connector) throws Exception {
        byte[] sent = Bytes.random(TOTAL);
        Connector.Ends ends = connector.connect();
        Task<Boolean> sending = send(MessageConnection.of(ends.near(), codec()), sent);
        MessageConnection<T, T> far = MessageConnection.of(ends.far(), codec().withMaxMessageBytes(1000));
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        for (T chunk = far.receive(); chunk != null; chunk = far.receive()) {
            assertThat(bytes(chunk).length).isBetween(1, 1000);
            received.writeBytes(bytes(chunk));
        }
        assertThat(received.toByteArray()).isEqualTo(sent);
        assertThat(far.receive()).isNull();
        sending.get();
    }

    @Test
    void aListenerGetsTheSameBytes(Connector connector) throws Exception {
        byte[] sent = Bytes.random(TOTAL);
        Connector.Ends ends = connector.connect();
        Task<Boolean> sending = send(MessageConnection.of(ends.near(), codec()), sent);
        List<T> chunks = new CopyOnWriteArrayList<>();
        Await.result(MessageConnection.of(ends.far(), codec()).listen(chunk -> {
            chunks.add(chunk);
            return null;
        }));
        assertThat(together(chunks)).isEqualTo(sent);
        sending.get();
    }

    @Test
    void aSubscriberGetsTheSameBytes(Connector connector) throws Exception {
        byte[] sent = Bytes.random(TOTAL);
        Connector.Ends ends = connector.connect();
        Task<Boolean> sending = send(MessageConnection.of(ends.near(), codec()), sent);
        MessageSubscriber<T> subscriber = new MessageSubscriber<>(1, 1);
        MessageConnection.of(ends.far(), codec()).publisher().subscribe(subscriber);
        Await.result(subscriber.done());
        assertThat(together(subscriber.received())).isEqualTo(sent);
        sending.get();
    }

    @Test
    void aCancelledReceiveAndATimeoutLoseNothing(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect();
        MessageConnection<T, T> near = MessageConnection.of(ends.near(), codec());
        MessageConnection<T, T> far = MessageConnection.of(ends.far(), codec());
        CompletableFuture<@Nullable T> cancelled = far.receiveAsync();
        assertThat(cancelled.cancel(false)).isTrue();
        far.connection().setReadTimeout(Duration.ofMillis(1));
        assertThatThrownBy(far::receive).isInstanceOf(SocketTimeoutException.class);
        far.connection().setReadTimeout(Duration.ZERO);
        byte[] sent = Bytes.random(1000);
        near.send(chunk(sent));
        near.closeOutput();
        assertThat(receiveAll(far)).isEqualTo(sent);
    }

    private Task<Boolean> send(MessageConnection<T, T> connection, byte[] bytes) {
        return Task.run(() -> {
            int size = 1;
            for (int from = 0; from < bytes.length; from += size) {
                size = Math.min(bytes.length - from, 1 + (size * 7) % 3001);
                connection.send(chunk(Arrays.copyOfRange(bytes, from, from + size)));
            }
            connection.closeOutput();
        });
    }

    private byte[] receiveAll(MessageConnection<T, T> connection) throws IOException {
        return together(CodecBench.receiveAll(connection));
    }

    private byte[] together(List<T> chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        chunks.forEach(chunk -> all.writeBytes(bytes(chunk)));
        return all.toByteArray();
    }
}
