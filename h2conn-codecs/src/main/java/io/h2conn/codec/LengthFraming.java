package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The length of a message in front of it. */
enum LengthFraming implements Framing {
    /** 4 bytes, big-endian. */
    FIXED(4) {
        @Override
        public void frame(MessageOutput output) {
            int length = output.length();
            output.prepend(length);
            output.prepend(length >>> 8);
            output.prepend(length >>> 16);
            output.prepend(length >>> 24);
        }

        @Override
        long readLength(ByteBuffer input) {
            return input.remaining() < 4 ? INCOMPLETE : input.getInt() & 0xFFFF_FFFFL;
        }
    },

    /** 7 bits in each byte, the lowest first, the high bit set in all but the last. */
    VARINT(5) {
        @Override
        public void frame(MessageOutput output) {
            int length = output.length();
            // Prepended, so the last byte comes first.
            int last = Math.max(0, (31 - Integer.numberOfLeadingZeros(length)) / 7);
            for (int i = last; i >= 0; i--) {
                int bits = (length >>> (7 * i)) & 0x7F;
                output.prepend(i == last ? bits : bits | 0x80);
            }
        }

        @Override
        long readLength(ByteBuffer input) throws IOException {
            int start = input.position();
            long length = 0;
            for (int i = 0; i < Math.min(5, input.limit() - start); i++) {
                byte next = input.get(start + i);
                length |= (next & 0x7FL) << (7 * i);
                if (next >= 0 && length <= 0xFFFF_FFFFL) {
                    input.position(start + i + 1);
                    return length;
                } else if (next >= 0 || i == 4) {
                    throw new CodecException("a varint length of more than 32 bits", null);
                }
            }
            return INCOMPLETE;
        }
    };

    private static final long INCOMPLETE = -1;

    private final int maxHeaderBytes;

    LengthFraming(int maxHeaderBytes) {
        this.maxHeaderBytes = maxHeaderBytes;
    }

    @Override
    public int maxHeaderBytes() {
        return maxHeaderBytes;
    }

    /** Takes a length off the input, or leaves it alone if it is not all there. */
    abstract long readLength(ByteBuffer input) throws IOException;

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new LengthScanner(this);
    }

    private static final class LengthScanner extends CountedScanner {
        private final LengthFraming framing;

        LengthScanner(LengthFraming framing) {
            this.framing = framing;
        }

        @Override
        public boolean begin(ByteBuffer input) throws IOException {
            long length = framing.readLength(input);
            if (length == INCOMPLETE) {
                return false;
            }
            expect(length);
            return true;
        }
    }
}
