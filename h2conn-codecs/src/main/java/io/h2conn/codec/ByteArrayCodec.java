package io.h2conn.codec;

import java.nio.ByteBuffer;

/** Bytes as they are, in arrays. */
record ByteArrayCodec(RawShape shape) implements Codec<byte[]> {
    @Override
    public void encode(byte[] message, MessageOutput output) throws CodecException {
        shape.check(message.length);
        output.write(message);
    }

    @Override
    public byte[] decode(ByteBuffer message) throws CodecException {
        shape.check(message.remaining());
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }

    @Override
    public Framing framing() {
        return shape.framing();
    }

    @Override
    public int maxMessageBytes() {
        return shape.maxMessageBytes();
    }

    @Override
    public Codec<byte[]> withMaxMessageBytes(int bytes) {
        return shape.fixed() ? new ResizedCodec<>(this, bytes) : new ByteArrayCodec(shape.withMaxMessageBytes(bytes));
    }

    @Override
    public String toString() {
        return shape.name();
    }
}
