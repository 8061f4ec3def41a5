package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the tests of Kryo send, and how they see it as bytes. */
final class KryoFixture {
    interface Animal {}

    record Cat(String name, int lives) implements Animal {}

    record Dog(String name) implements Animal {}

    record Zoo(List<Animal> animals) {}

    record Point(int x, int y, String name, @Nullable Point next, List<Integer> more) {}

    private KryoFixture() {}

    static <T> byte[] encode(Codec<T> codec, T message) throws IOException {
        MessageOutput output = new MessageOutput(codec.maxMessageBytes());
        codec.encode(message, output);
        byte[] bytes = new byte[output.length()];
        output.toByteBuffer().get(bytes);
        return bytes;
    }

    static <T> T decode(Codec<T> codec, byte[] bytes) throws IOException {
        return codec.decode(ByteBuffer.wrap(bytes));
    }

    static <T> T roundTrip(Codec<T> codec, T message) throws IOException {
        return decode(codec, encode(codec, message));
    }
}
