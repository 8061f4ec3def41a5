package io.h2conn.reliability.hostile;

import java.nio.ByteBuffer;

/**
 * A frame as it is on the wire (RFC 9113, section 4.1), and the numbers in it.
 *
 * @param type one of the constants here, or any other byte
 * @param flags any byte
 * @param stream any number
 * @param payload read only
 */
record Frame(int type, int flags, int stream, ByteBuffer payload) {
    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int PRIORITY = 0x2;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int PUSH_PROMISE = 0x5;
    static final int PING = 0x6;
    static final int GOAWAY = 0x7;
    static final int WINDOW_UPDATE = 0x8;
    static final int CONTINUATION = 0x9;

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;

    /** RFC 9113, section 6.5.2. */
    static final int SETTINGS_HEADER_TABLE_SIZE = 0x1;

    static final int SETTINGS_INITIAL_WINDOW_SIZE = 0x4;

    /** The error code of a RST_STREAM or GOAWAY. */
    int code() {
        return payload.getInt(type == GOAWAY ? 4 : 0);
    }

    boolean is(int flag) {
        return (flags & flag) != 0;
    }
}
