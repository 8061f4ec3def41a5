package io.h2conn.codec;

import java.nio.ByteBuffer;

/** Messages of one size, with nothing in between. */
record FixedFraming(int bytes) implements Framing {
    FixedFraming {
        if (bytes < 1) {
            throw new IllegalArgumentException("a message must have at least 1 byte but was to have " + bytes);
        }
    }

    @Override
    public void frame(MessageOutput output) throws CodecException {
        if (output.length() != bytes) {
            throw new CodecException(
                    "every message must have exactly " + bytes + " bytes but this one has " + output.length(), null);
        }
    }

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new Scanner() {
            private int left;

            @Override
            public boolean begin(ByteBuffer input) {
                left = bytes;
                return input.hasRemaining();
            }

            @Override
            public long length() {
                return bytes;
            }

            @Override
            public boolean end(ByteBuffer input) {
                int taken = Math.min(left, input.remaining());
                input.position(input.position() + taken);
                left -= taken;
                return left == 0;
            }
        };
    }
}
