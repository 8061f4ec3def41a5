package io.h2conn.benchmarks;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.h2conn.codec.KryoCodec;
import java.util.ArrayList;
import org.jspecify.annotations.NullUnmarked;

/** Kryo, beside Kryo alone with an output and an input that are used again. */
@NullUnmarked
public class KryoBenchmark extends OrderBenchmark {
    private final Kryo kryo = new Kryo();
    private final Output output = new Output(4096, -1);
    private final Input input = new Input();

    /** Made by JMH. */
    public KryoBenchmark() {
        super(KryoCodec.of(Order.class));
        kryo.register(Order.class);
        kryo.register(Order.Customer.class);
        kryo.register(Order.Item.class);
        kryo.register(ArrayList.class);
    }

    @Override
    Object alone() {
        output.reset();
        kryo.writeClassAndObject(output, order);
        input.setBuffer(output.getBuffer(), 0, output.position());
        return kryo.readClassAndObject(input);
    }
}
