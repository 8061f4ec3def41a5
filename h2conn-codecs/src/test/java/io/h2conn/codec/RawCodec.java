package io.h2conn.codec;

import java.nio.ByteBuffer;

/** Messages that are their own bytes, for whatever framing is under test. */
record RawCodec(Framing framing) implements Codec<byte[]> {
    @Override
    public void encode(byte[] message, MessageOutput output) throws MessageTooLargeException {
        output.write(message);
    }

    @Override
    public byte[] decode(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }
}
