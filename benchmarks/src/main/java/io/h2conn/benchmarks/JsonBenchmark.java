package io.h2conn.benchmarks;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.JsonCodec;
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
import tools.jackson.databind.json.JsonMapper;

/** One JSON message there, over the memory pair, beside Jackson alone. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked
public class JsonBenchmark {
    @Param
    Order.Size size;

    private final JsonMapper mapper = JsonMapper.shared();
    private Order order;
    private DuplexConnection.Pair pair;
    private MessageConnection<Order, Order> sender;
    private MessageConnection<Order, Order> receiver;

    /** Makes the message and the connection. */
    @Setup
    public void setUp() {
        order = Order.random(size, new SplittableRandom(1));
        pair = DuplexConnection.pair();
        sender = MessageConnection.of(pair.client(), JsonCodec.of(Order.class));
        receiver = MessageConnection.of(pair.server(), JsonCodec.of(Order.class));
    }

    /** Ends the connection. */
    @TearDown
    public void tearDown() {
        pair.client().abort();
    }

    /**
     * Jackson alone.
     *
     * @return the copy of the message
     */
    @Benchmark
    public Order plain() {
        return mapper.readValue(mapper.writeValueAsBytes(order), Order.class);
    }

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
