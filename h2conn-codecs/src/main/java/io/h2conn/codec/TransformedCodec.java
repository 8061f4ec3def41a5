package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Another codec with its bytes transformed. */
record TransformedCodec<T>(Codec<T> codec, Transformation transformation) implements Codec<T> {
    @Override
    public void encode(T message, MessageOutput output) throws IOException {
        MessageOutput plain = BufferCache.takeOutput();
        try {
            plain.reset(codec.maxMessageBytes(), 0);
            codec.encode(message, plain);
            transformation.apply(plain.toByteBuffer(), output);
        } finally {
            BufferCache.give(plain);
        }
    }

    @Override
    public T decode(ByteBuffer message) throws IOException {
        MessageOutput plain = BufferCache.takeOutput();
        try {
            plain.reset(codec.maxMessageBytes(), 0);
            transformation.undo(message, plain);
            return codec.decode(plain.toByteBuffer());
        } finally {
            BufferCache.give(plain);
        }
    }

    @Override
    public int maxMessageBytes() {
        return Math.min(ResizedCodec.LARGEST, transformation.maxBytes(codec.maxMessageBytes()));
    }

    @Override
    public Codec<T> withMaxMessageBytes(int bytes) {
        return new TransformedCodec<>(codec.withMaxMessageBytes(bytes), transformation);
    }

    @Override
    public String toString() {
        return codec + " through " + transformation;
    }
}
