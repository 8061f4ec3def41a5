package io.h2conn.conformance.elsewhere;

import io.h2conn.codec.Codec;
import io.h2conn.codec.Framing;
import io.h2conn.codec.MessageOutput;
import io.h2conn.conformance.ChunkConformance;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The suite for bytes without boundaries, with a codec as a user writes it. */
class ChunkConformanceTest extends ChunkConformance<byte[]> {
    @Override
    protected Codec<byte[]> codec() {
        return new Codec<>() {
            @Override
            public void encode(byte[] chunk, MessageOutput output) throws IOException {
                output.write(chunk);
            }

            @Override
            public byte[] decode(ByteBuffer message) {
                byte[] chunk = new byte[message.remaining()];
                message.get(chunk);
                return chunk;
            }

            @Override
            public Framing framing() {
                return Framing.none();
            }
        };
    }

    @Override
    protected byte[] chunk(byte[] bytes) {
        return bytes;
    }

    @Override
    protected byte[] bytes(byte[] chunk) {
        return chunk;
    }
}
