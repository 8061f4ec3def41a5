package io.h2conn.codec;

import java.nio.ByteBuffer;

/** Bytes as they are, in buffers. */
record ByteBufferCodec(RawShape shape) implements Codec<ByteBuffer> {
    @Override
    public void encode(ByteBuffer message, MessageOutput output) throws CodecException {
        shape.check(message.remaining());
        // A duplicate: the caller may be sending the same buffer to somebody else at this moment.
        output.write(message.duplicate());
    }

    @Override
    public ByteBuffer decode(ByteBuffer message) throws CodecException {
        shape.check(message.remaining());
        return ByteBuffer.allocate(message.remaining()).put(message).flip();
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
    public Codec<ByteBuffer> withMaxMessageBytes(int bytes) {
        return shape.fixed() ? new ResizedCodec<>(this, bytes) : new ByteBufferCodec(shape.withMaxMessageBytes(bytes));
    }

    @Override
    public String toString() {
        return shape.name();
    }
}
