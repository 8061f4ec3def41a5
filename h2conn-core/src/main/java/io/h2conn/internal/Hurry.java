package io.h2conn.internal;

/** Who waits for the transport. */
enum Hurry {
    NONE,
    SOMEBODY,
    /** The thread that is in the engine now. */
    THIS_THREAD
}
