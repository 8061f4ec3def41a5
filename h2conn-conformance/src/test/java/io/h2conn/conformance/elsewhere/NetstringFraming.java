package io.h2conn.conformance.elsewhere;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.h2conn.codec.CodecException;
import io.h2conn.codec.Framing;
import io.h2conn.codec.MessageOutput;
import java.nio.ByteBuffer;

/** A framing of a user's own: the length in decimal digits, a colon, the message, a comma. {@code 5:hello,} */
final class NetstringFraming implements Framing {
    private static final int MAX_DIGITS = 10;

    @Override
    public int maxHeaderBytes() {
        return MAX_DIGITS + 1;
    }

    @Override
    public int maxTrailerBytes() {
        return 1;
    }

    @Override
    public void frame(MessageOutput output) {
        byte[] header = (output.length() + ":").getBytes(US_ASCII);
        for (int i = header.length - 1; i >= 0; i--) {
            output.prepend(header[i]);
        }
        output.append(',');
    }

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new Scanner() {
            private long length;
            private long leftWithComma;

            @Override
            public boolean begin(ByteBuffer input) throws CodecException {
                long value = 0;
                for (int i = input.position(); i < input.limit(); i++) {
                    int digit = input.get(i) - '0';
                    if (digit == ':' - '0' && i > input.position()) {
                        input.position(i + 1);
                        length = value;
                        leftWithComma = value + 1;
                        return true;
                    }
                    if (digit < 0 || digit > 9 || i - input.position() >= MAX_DIGITS) {
                        throw new CodecException("no length at the beginning of a netstring", null);
                    }
                    value = value * 10 + digit;
                }
                return false;
            }

            @Override
            public long length() {
                return length;
            }

            @Override
            public boolean end(ByteBuffer input) {
                int taken = (int) Math.min(leftWithComma, input.remaining());
                input.position(input.position() + taken);
                leftWithComma -= taken;
                return leftWithComma == 0;
            }

            @Override
            public int trailerBytes() {
                return 1;
            }
        };
    }
}
