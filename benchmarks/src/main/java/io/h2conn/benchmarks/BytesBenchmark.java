package io.h2conn.benchmarks;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a message costs that needs no encoding, over the memory pair, and what of it is the connection's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked
public class BytesBenchmark {
    private final byte[] message = Payload.make(1);
    private final ByteBuffer buffer = ByteBuffer.allocate(Payload.BYTES);
    private DuplexConnection.Pair pair;
    private MessageConnection<byte[], byte[]> sender;
    private MessageConnection<byte[], byte[]> receiver;

    /** Makes the connection. */
    @Setup
    public void setUp() {
        pair = DuplexConnection.pair();
        sender = MessageConnection.of(pair.client(), Codecs.bytes());
        receiver = MessageConnection.of(pair.server(), Codecs.bytes());
    }

    /** Ends the connection. */
    @TearDown
    public void tearDown() {
        pair.client().abort();
    }

    /**
     * The connection alone.
     *
     * @return how many bytes were read
     * @throws IOException never
     */
    @Benchmark
    public int connection() throws IOException {
        pair.client().write(ByteBuffer.wrap(message));
        return pair.server().read(buffer.clear());
    }

    /**
     * Sends and receives.
     *
     * @return the copy of the message
     * @throws IOException never
     */
    @Benchmark
    public byte[] message() throws IOException {
        sender.send(message);
        return receiver.receive();
    }
}
