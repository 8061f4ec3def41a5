package io.h2conn.benchmarks;

import io.h2conn.codec.JsonCodec;
import org.jspecify.annotations.NullUnmarked;
import tools.jackson.databind.json.JsonMapper;

/** JSON, beside Jackson alone. */
@NullUnmarked
public class JsonBenchmark extends OrderBenchmark {
    private final JsonMapper mapper = JsonMapper.shared();

    /** Made by JMH. */
    public JsonBenchmark() {
        super(JsonCodec.of(Order.class));
    }

    @Override
    Object alone() {
        return mapper.readValue(mapper.writeValueAsBytes(order), Order.class);
    }
}
