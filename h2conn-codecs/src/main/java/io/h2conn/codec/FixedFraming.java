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
        return new CountedScanner() {
            @Override
            public boolean begin(ByteBuffer input) {
                expect(bytes);
                return input.hasRemaining();
            }
        };
    }
}
