package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Another codec with another maximum. */
record ResizedCodec<T>(Codec<T> codec, int maxMessageBytes) implements Codec<T> {
    /** Bytes. What is added to a message must not overflow an int. */
    static final int LARGEST = 1 << 30;

    ResizedCodec {
        checked(maxMessageBytes);
    }

    static int checked(int maxMessageBytes) {
        if (maxMessageBytes < 1 || maxMessageBytes > LARGEST) {
            throw new IllegalArgumentException(
                    "maxMessageBytes must be from 1 to " + LARGEST + " but was " + maxMessageBytes);
        }
        return maxMessageBytes;
    }

    @Override
    public void encode(T message, MessageOutput output) throws IOException {
        codec.encode(message, output);
    }

    @Override
    public T decode(ByteBuffer message) throws IOException {
        return codec.decode(message);
    }

    @Override
    public Framing framing() {
        return codec.framing();
    }

    @Override
    public Codec<T> withMaxMessageBytes(int bytes) {
        return new ResizedCodec<>(codec, bytes);
    }

    @Override
    public String toString() {
        return codec.toString();
    }
}
