package io.h2conn.codec;

import java.nio.ByteBuffer;

/** Lines, ended by a line feed, or a carriage return and a line feed. */
@SuppressWarnings(
        "ByteBufferBackingArray") // what a scanner gets, and what an output shows, begins at index 0 of its array
enum LineFraming implements Framing {
    INSTANCE;

    @Override
    public int maxTrailerBytes() {
        return 2;
    }

    @Override
    public void frame(MessageOutput output) throws CodecException {
        ByteBuffer line = output.toByteBuffer();
        int lineFeed = Bytes.indexOf((byte) '\n', line.array(), line.position(), line.limit());
        if (lineFeed >= 0) {
            throw new CodecException(
                    "a line must not contain a line feed, but this one does at byte " + (lineFeed - line.position()),
                    null);
        }
        if (output.length() > 0 && line.get(line.limit() - 1) == '\r') {
            throw new CodecException(
                    "a line must not end with a carriage return: the peer would take it for a part of the line's end",
                    null);
        }
        output.append('\n');
    }

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new Scanner() {
            private boolean afterCarriageReturn;
            private int trailerBytes;

            @Override
            public boolean begin(ByteBuffer input) {
                afterCarriageReturn = false;
                return input.hasRemaining();
            }

            @Override
            public boolean end(ByteBuffer input) {
                int from = input.position();
                int to = input.limit();
                int lineFeed = Bytes.indexOf((byte) '\n', input.array(), from, to);
                if (lineFeed < 0) {
                    if (to > from) {
                        afterCarriageReturn = input.get(to - 1) == '\r';
                    }
                    input.position(to);
                    return false;
                }
                if (lineFeed > from) {
                    afterCarriageReturn = input.get(lineFeed - 1) == '\r';
                }
                trailerBytes = afterCarriageReturn ? 2 : 1;
                input.position(lineFeed + 1);
                return true;
            }

            @Override
            public int trailerBytes() {
                return trailerBytes;
            }

            @Override
            public boolean endsHere(ByteBuffer message) {
                return true;
            }
        };
    }
}
