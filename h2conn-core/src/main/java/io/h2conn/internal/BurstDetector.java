package io.h2conn.internal;

import java.util.concurrent.TimeUnit;

/**
 * Tells a quick burst of small writes, which is worth gathering, from writes that stand alone, which are not. Not safe
 * for threads: guarded by the engine's lock.
 *
 * <p>A burst is found with the clock, which costs as much as a third of a small write. So while the gatherer is due to come
 * by, within about 100 microseconds, nobody looks at the clock: it is the gatherer that ends a burst in which little was
 * written since it came last.
 */
final class BurstDetector {
    /** Nanoseconds. A write that follows the one before within this time belongs to a burst. */
    private static final long QUICK = TimeUnit.MICROSECONDS.toNanos(20);

    /** Writes. So many quick ones in a row make a burst; fewer leave at once, as a request of a few parts should. */
    private static final int MIN_WRITES = 8;

    /** Bytes. A write from this size on gains nothing by company. */
    private static final int SMALL_BELOW = 32 * 1024;

    private long last = System.nanoTime();
    private int quick;
    private int sinceGatherer;

    /** Notes a write, and tells whether it is part of a burst; {@code gathererIsDue} says that {@link #onGatherer} will follow. */
    boolean onWrite(int bytes, boolean gathererIsDue) {
        if (bytes >= SMALL_BELOW) {
            quick = 0;
            return false;
        }
        if (gathererIsDue && quick >= MIN_WRITES) {
            sinceGatherer++;
            return true;
        }
        long now = System.nanoTime();
        quick = now - last < QUICK ? Math.min(quick + 1, MIN_WRITES) : 0;
        last = now;
        return quick >= MIN_WRITES;
    }

    /** The gatherer has come by. Returns whether the burst goes on. */
    boolean onGatherer() {
        boolean goesOn = sinceGatherer >= MIN_WRITES;
        if (goesOn) {
            last = System.nanoTime();
        } else {
            quick = 0;
        }
        sinceGatherer = 0;
        return goesOn;
    }

    /** A read came in between: what follows may be an answer, and nobody should wait for it. */
    void interrupt() {
        quick = 0;
    }
}
