package io.h2conn.codec;

/**
 * What the codecs of raw bytes differ in.
 *
 * @param name what the codec calls itself
 * @param framing what is around a message
 * @param maxMessageBytes the largest message, or the only size
 * @param fixed whether it is the only size
 */
record RawShape(String name, Framing framing, int maxMessageBytes, boolean fixed) {
    static RawShape upTo(String name, Framing framing, int maxMessageBytes) {
        return new RawShape(name, framing, ResizedCodec.checked(maxMessageBytes), false);
    }

    static RawShape exactly(String name, int bytes) {
        if (bytes < 1 || bytes > ResizedCodec.LARGEST) {
            throw new IllegalArgumentException(
                    "the size of a message must be from 1 to " + ResizedCodec.LARGEST + " bytes but was " + bytes);
        }
        return new RawShape(name + "(" + bytes + ")", Framing.fixed(bytes), bytes, true);
    }

    void check(int bytes) throws CodecException {
        if (fixed && bytes != maxMessageBytes) {
            throw new CodecException(
                    "every message must have exactly " + maxMessageBytes + " bytes but this one has " + bytes, null);
        }
    }

    RawShape withMaxMessageBytes(int bytes) {
        return upTo(name, framing, bytes);
    }
}
