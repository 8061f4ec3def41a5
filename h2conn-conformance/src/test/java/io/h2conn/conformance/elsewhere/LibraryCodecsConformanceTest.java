package io.h2conn.conformance.elsewhere;

import io.h2conn.codec.Codec;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.KryoCodec;
import io.h2conn.codec.MessageOutput;
import io.h2conn.codec.Transformation;
import io.h2conn.conformance.ChunkConformance;
import io.h2conn.conformance.CodecConformance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Nested;
import tools.jackson.dataformat.cbor.CBORMapper;

/** The suite for the codecs of the library that need more than Jackson's JSON. */
class LibraryCodecsConformanceTest {
    record Reading(long id, String sensor, List<Double> values) {
        static Reading random(RandomGenerator random) {
            List<Double> values = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                values.add(random.nextDouble());
            }
            return new Reading(random.nextLong(), "s".repeat(random.nextInt(30)), values);
        }
    }

    abstract static class Readings extends CodecConformance<Reading> {
        @Override
        protected Reading message(RandomGenerator random) {
            return Reading.random(random);
        }
    }

    @Nested
    class Kryo extends Readings {
        @Override
        protected Codec<Reading> codec() {
            return KryoCodec.of(Reading.class, ArrayList.class);
        }
    }

    @Nested
    class Cbor extends Readings {
        @Override
        protected Codec<Reading> codec() {
            return JsonCodec.of(Reading.class, CBORMapper.shared());
        }
    }

    @Nested
    class DeflatedJson extends Readings {
        @Override
        protected Codec<Reading> codec() {
            return JsonCodec.of(Reading.class).through(Transformation.deflate());
        }

        @Override
        protected int sizeOf(Reading message) throws IOException {
            // The limit holds before compression.
            MessageOutput plain = new MessageOutput(Codec.DEFAULT_MAX_MESSAGE_BYTES);
            JsonCodec.of(Reading.class).encode(message, plain);
            return plain.length();
        }
    }

    abstract static class ByteArrays extends CodecConformance<byte[]> {
        @Override
        protected byte[] message(RandomGenerator random) {
            byte[] bytes = new byte[8 + random.nextInt(100)];
            random.nextBytes(bytes);
            return bytes;
        }
    }

    @Nested
    class Bytes extends ByteArrays {
        @Override
        protected Codec<byte[]> codec() {
            return Codecs.bytes();
        }
    }

    @Nested
    class FixedBytes extends ByteArrays {
        @Override
        protected Codec<byte[]> codec() {
            return Codecs.fixedBytes(16);
        }

        @Override
        protected byte[] message(RandomGenerator random) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            return bytes;
        }

        @Override
        protected boolean hasFixedSize() {
            return true;
        }

        @Override
        protected byte[] unencodable() {
            return new byte[15];
        }
    }

    abstract static class ByteBuffers extends CodecConformance<ByteBuffer> {
        abstract int size(RandomGenerator random);

        @Override
        protected ByteBuffer message(RandomGenerator random) {
            byte[] bytes = new byte[size(random)];
            random.nextBytes(bytes);
            return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }
    }

    @Nested
    class Buffers extends ByteBuffers {
        @Override
        protected Codec<ByteBuffer> codec() {
            return Codecs.buffers();
        }

        @Override
        int size(RandomGenerator random) {
            return 8 + random.nextInt(100);
        }
    }

    @Nested
    class FixedBuffers extends ByteBuffers {
        @Override
        protected Codec<ByteBuffer> codec() {
            return Codecs.fixedBuffers(16);
        }

        @Override
        int size(RandomGenerator random) {
            return 16;
        }

        @Override
        protected boolean hasFixedSize() {
            return true;
        }

        @Override
        protected ByteBuffer unencodable() {
            return ByteBuffer.allocate(17);
        }
    }

    @Nested
    class Lines extends CodecConformance<String> {
        @Override
        protected Codec<String> codec() {
            return Codecs.lines();
        }

        @Override
        protected String message(RandomGenerator random) {
            return random.nextInt() + "\u20ac\u00e9 x".repeat(random.nextInt(20));
        }

        @Override
        protected boolean endIsDetectable() {
            return false; // the last line needs no line feed
        }

        @Override
        protected String unencodable() {
            return "one\ntwo";
        }
    }

    @Nested
    class Chunks extends ChunkConformance<ByteBuffer> {
        @Override
        protected Codec<ByteBuffer> codec() {
            return Codecs.chunks();
        }

        @Override
        protected ByteBuffer chunk(byte[] bytes) {
            return ByteBuffer.wrap(bytes);
        }

        @Override
        protected byte[] bytes(ByteBuffer chunk) {
            byte[] bytes = new byte[chunk.remaining()];
            chunk.duplicate().get(bytes);
            return bytes;
        }
    }
}
