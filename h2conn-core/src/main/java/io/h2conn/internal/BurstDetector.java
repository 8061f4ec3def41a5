package io.h2conn.internal;

import java.util.concurrent.TimeUnit;

/**
 * Tells a quick burst of small writes, which is worth gathering, from writes that stand alone, which are not. Not safe
 * for threads: guarded by the engine's lock.
 */
final class BurstDetector {
    /** Nanoseconds. A write that follows the one before within this time belongs to a burst. */
    private static final long QUICK = TimeUnit.MICROSECONDS.toNanos(20);

    /** Writes. So many quick ones in a row make a burst; fewer leave at once, as a request of a few parts should. */
    private static final int MIN_WRITES = 8;

    /** Bytes. A write from this size on gains nothing by company. */
    private static final int SMALL_BELOW = 4 * 1024;

    private long last = System.nanoTime();
    private int quick;

    /** Notes a write, and tells whether it is part of a burst. */
    boolean onWrite(int bytes) {
        if (bytes >= SMALL_BELOW) {
            quick = 0;
            return false;
        }
        long now = System.nanoTime();
        quick = now - last < QUICK ? Math.min(quick + 1, MIN_WRITES) : 0;
        last = now;
        return quick >= MIN_WRITES;
    }

    /** A read came in between: what follows may be an answer, and nobody should wait for it. */
    void interrupt() {
        quick = 0;
    }
}
