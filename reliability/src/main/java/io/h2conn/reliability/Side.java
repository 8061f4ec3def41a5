package io.h2conn.reliability;

/** The two ends of a connection. */
enum Side {
    /** Connects. */
    CLIENT(0),
    /** Accepts. */
    SERVER(1);

    /** What stands for it in a message. */
    final byte code;

    Side(int code) {
        this.code = (byte) code;
    }

    Side peer() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}
