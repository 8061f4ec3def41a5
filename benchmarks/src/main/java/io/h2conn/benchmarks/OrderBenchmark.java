package io.h2conn.benchmarks;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codec;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One message there over the memory pair, beside the library alone that encodes it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked
public abstract class OrderBenchmark {
    @Param
    Order.Size size;

    private final Codec<Order> codec;
    Order order;
    private DuplexConnection.Pair pair;
    private MessageConnection<Order, Order> sender;
    private MessageConnection<Order, Order> receiver;

    OrderBenchmark(Codec<Order> codec) {
        this.codec = codec;
    }

    /** Makes the message and the connection. */
    @Setup
    public void setUp() {
        order = Order.random(size, new SplittableRandom(1));
        pair = DuplexConnection.pair();
        sender = MessageConnection.of(pair.client(), codec);
        receiver = MessageConnection.of(pair.server(), codec);
    }

    /** Ends the connection. */
    @TearDown
    public void tearDown() {
        pair.client().abort();
    }

    /**
     * The library alone.
     *
     * @return the copy of the message
     */
    @Benchmark
    public Object plain() {
        return alone();
    }

    /** Encodes and decodes by the library alone. */
    abstract Object alone();

    /**
     * Sends and receives.
     *
     * @return the copy of the message
     * @throws IOException never
     */
    @Benchmark
    public Order h2conn() throws IOException {
        sender.send(order);
        return receiver.receive();
    }
}
