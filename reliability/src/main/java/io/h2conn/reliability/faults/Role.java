package io.h2conn.reliability.faults;

import java.util.Locale;

/** What is under way on a connection when the fault comes. */
enum Role {
    /** A thread waits in read on both ends. */
    READING,
    /** The server writes without end, the client reads. */
    DOWN,
    /** The client writes without end, the server reads. */
    UP,
    /** Idle, with a listener on both ends. */
    LISTENING,
    /** Nobody reads or writes. */
    IDLE;

    /** Calls that block on each end, over all roles. */
    static final int CALLS = 3;

    String path() {
        return "/" + name().toLowerCase(Locale.ROOT);
    }
}
