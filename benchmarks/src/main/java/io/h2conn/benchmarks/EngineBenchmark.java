package io.h2conn.benchmarks;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Chunk;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Transport;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the engine alone costs, over a transport that does nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked
public class EngineBenchmark {
    private static final int WINDOW = 4 * 1024 * 1024;

    /** Bytes of a write, or of what arrives. */
    @Param({"64", "65536"})
    private int size;

    private ByteBuffer message;
    private ByteBuffer buffer;
    private Engine sending;
    private Engine reading;
    private Engine listening;
    private long received;

    /** Makes three connections. */
    @Setup
    public void setUp() {
        message = ByteBuffer.allocate(size);
        buffer = ByteBuffer.allocate(size);
        sending = start(ConnectionOptions.defaults());
        reading = start(ConnectionOptions.defaults());
        listening = start(ConnectionOptions.defaults().nonBlockingCallbacks(true));
        listening.listen(data -> {
            received += data.remaining();
            return null;
        });
    }

    private static Engine start(ConnectionOptions options) {
        Nowhere transport = new Nowhere();
        Engine engine = new Engine(transport, options, Engine.Role.CLIENT, "benchmark", 1);
        transport.engine = engine;
        engine.start(WINDOW, WINDOW);
        return engine;
    }

    /**
     * A write; small ones in a row are gathered.
     *
     * @return bytes
     * @throws IOException never
     */
    @Benchmark
    public int write() throws IOException {
        return sending.write(message.clear());
    }

    /**
     * A write that needs no thread.
     *
     * @return completed
     */
    @Benchmark
    public CompletableFuture<@Nullable Void> writeAsync() {
        return sending.writeAsync(message.clear());
    }

    /**
     * A piece that arrives, and the read that takes it.
     *
     * @return bytes
     * @throws IOException never
     */
    @Benchmark
    public int arriveAndRead() throws IOException {
        reading.onData(new Heap(ByteBuffer.wrap(message.array())), false);
        return reading.read(buffer.clear());
    }

    /**
     * A piece that arrives, for a listener.
     *
     * @return bytes so far
     */
    @Benchmark
    public long arriveForListener() {
        listening.onData(new Heap(ByteBuffer.wrap(message.array())), false);
        return received;
    }

    private record Heap(ByteBuffer data) implements Chunk {
        @Override
        public void release() {
            // Heap memory: nobody wants it back.
        }
    }

    /** Everything is sent at once, to nobody. */
    private static final class Nowhere implements Transport {
        private Engine engine;

        @Override
        public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
            engine.onSent();
        }

        @Override
        public void consumed(int bytes) {
            // The peer, if there were one, could go on.
        }

        @Override
        public void reset(ErrorCode code) {
            throw new AssertionError("reset with " + code);
        }

        @Override
        public void ended() {
            throw new AssertionError("ended");
        }

        @Override
        public ConnectionInfo info() {
            throw new AssertionError("not asked for");
        }
    }
}
