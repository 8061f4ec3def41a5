package io.h2conn.conformance.elsewhere;

import io.h2conn.codec.CodecException;
import io.h2conn.codec.Framing;
import io.h2conn.codec.MessageOutput;
import java.nio.ByteBuffer;

/** A framing of a user's own: each message between a start mark and an end mark that it does not contain. */
final class MarkFraming implements Framing {
    static final char START = '\2';
    static final char END = '\3';

    @Override
    public int maxHeaderBytes() {
        return 1;
    }

    @Override
    public int maxTrailerBytes() {
        return 1;
    }

    @Override
    public void frame(MessageOutput output) {
        output.prepend(START);
        output.append(END);
    }

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new Scanner() {
            @Override
            public boolean begin(ByteBuffer input) throws CodecException {
                if (!input.hasRemaining()) {
                    return false;
                }
                if (input.get() != START) {
                    throw new CodecException("a message must begin with byte 2", null);
                }
                return true;
            }

            @Override
            public boolean end(ByteBuffer input) {
                while (input.hasRemaining()) {
                    if (input.get() == END) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public int trailerBytes() {
                return 1;
            }
        };
    }
}
