package io.h2conn.codec;

import java.nio.ByteBuffer;

/** No framing: whatever has arrived is a message. */
enum ChunkFraming implements Framing {
    INSTANCE;

    @Override
    public void frame(MessageOutput output) {
        // Nothing marks a boundary.
    }

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new Scanner() {
            @Override
            public boolean begin(ByteBuffer input) {
                return input.hasRemaining();
            }

            @Override
            public boolean end(ByteBuffer input) {
                input.position(input.position() + Math.min(maxMessageBytes, input.remaining()));
                return true;
            }
        };
    }
}
