package io.h2conn.benchmarks;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.KryoCodec;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.util.ArrayList;
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

/** One message there by Kryo, over the memory pair, beside Kryo alone with an output and an input that are used again. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@NullUnmarked
public class KryoBenchmark {
    @Param
    Order.Size size;

    private final Kryo kryo = new Kryo();
    private final Output output = new Output(4096, -1);
    private final Input input = new Input();
    private Order order;
    private DuplexConnection.Pair pair;
    private MessageConnection<Order, Order> sender;
    private MessageConnection<Order, Order> receiver;

    /** Makes the message and the connection. */
    @Setup
    public void setUp() {
        kryo.register(Order.class);
        kryo.register(Order.Customer.class);
        kryo.register(Order.Item.class);
        kryo.register(ArrayList.class);
        order = Order.random(size, new SplittableRandom(1));
        pair = DuplexConnection.pair();
        sender = MessageConnection.of(pair.client(), KryoCodec.of(Order.class));
        receiver = MessageConnection.of(pair.server(), KryoCodec.of(Order.class));
    }

    /** Ends the connection. */
    @TearDown
    public void tearDown() {
        pair.client().abort();
    }

    /**
     * Kryo alone.
     *
     * @return the copy of the message
     */
    @Benchmark
    public Object plain() {
        output.reset();
        kryo.writeClassAndObject(output, order);
        input.setBuffer(output.getBuffer(), 0, output.position());
        return kryo.readClassAndObject(input);
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
