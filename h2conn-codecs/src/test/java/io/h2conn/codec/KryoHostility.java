package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.esotericsoftware.kryo.io.Output;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What peers that mean no good send, and what may become of it. */
final class KryoHostility {
    private static final long FREE_BYTES = 1024 * 1024;
    private static final int BYTES_PER_BYTE = 64;

    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(int side) implements Shape {}

    record Ping() {}

    record Item(String sku, int count, @Nullable DayOfWeek day, List<String> tags) {}

    static class Node {
        @Nullable
        String name;

        @Nullable
        Node next;

        @Nullable
        Object any;

        @Nullable
        Collection<Object> children;

        int number;
    }

    private KryoHostility() {}

    /** What a peer writes that keeps to no rule. */
    static byte[] bytes(Consumer<Output> writing) {
        Output output = new Output(64, -1);
        writing.accept(output);
        return output.toBytes();
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Decodes; returns the failure, or null. */
    static @Nullable CodecException decodeBounded(Codec<?> codec, byte[] bytes) throws IOException {
        long before = allocatedBytes();
        CodecException failure = null;
        try {
            assertThat(codec.decode(ByteBuffer.wrap(bytes))).isNotNull();
        } catch (CodecException e) {
            failure = e;
        }
        long allocated = allocatedBytes() - before;
        assertThat(allocated)
                .as("bytes of memory for a message of %s bytes", bytes.length)
                .isLessThan((long) BYTES_PER_BYTE * bytes.length + FREE_BYTES);
        return failure;
    }
}
