package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;

/** A header block by hand (RFC 7541), right or wrong. */
final class Hpack {
    /** RFC 7541, appendix A: {@code :status 200}. */
    static final byte[] STATUS_200 = {(byte) 0x88};

    /** An indexed field that is in neither table. */
    static final byte[] NONSENSE = {(byte) 0xff, (byte) 0xff, (byte) 0x7f};

    private final ByteArrayOutputStream block = new ByteArrayOutputStream();

    /** The pseudo headers of a POST. */
    static Hpack post(String path) {
        // RFC 7541, appendix A: 3 is :method POST, 6 is :scheme http, 4 is :path and 1 is :authority.
        return new Hpack().indexed(3).indexed(6).literal(4, path).literal(1, "localhost");
    }

    Hpack indexed(int index) {
        integer(0x80, 7, index);
        return this;
    }

    /** A field that does not enter the dynamic table, with a name that is in a table. */
    Hpack literal(int name, String value) {
        integer(0, 4, name);
        return string(value);
    }

    /** A field that does not enter the dynamic table. */
    Hpack literal(String name, String value) {
        integer(0, 4, 0);
        return string(name).string(value);
    }

    /** A field that enters the dynamic table, as its entry 62, before those that have entered earlier. */
    Hpack entering(String name, String value) {
        integer(0x40, 6, 0);
        return string(name).string(value);
    }

    private Hpack string(String value) {
        integer(0, 7, value.length());
        block.writeBytes(value.getBytes(US_ASCII));
        return this;
    }

    /** RFC 7541, section 5.1. */
    private void integer(int pattern, int bits, int value) {
        int max = (1 << bits) - 1;
        if (value < max) {
            block.write(pattern | value);
            return;
        }
        block.write(pattern | max);
        int rest = value - max;
        while (rest >= 0x80) {
            block.write((rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        block.write(rest);
    }

    byte[] bytes() {
        return block.toByteArray();
    }
}
