package io.h2conn.internal;

import java.util.concurrent.TimeUnit;

/**
 * The gathering of small writes. Tells a quick burst of them, which is worth gathering, from writes that stand alone, which are
 * not, and knows whether the burst is held back. Not safe for threads: guarded by the engine's lock.
 *
 * <p>A burst is found with the clock, which costs as much as a third of a small write. So while the gatherer is due to come
 * by, within about 100 microseconds, nobody looks at the clock: it is the gatherer that ends a burst in which little was
 * written since it came last.
 */
final class Gathering {
    /** Nanoseconds. A write that follows the one before within this time belongs to a burst. */
    private static final long QUICK = TimeUnit.MICROSECONDS.toNanos(20);

    /** Writes. So many quick ones in a row make a burst; fewer leave at once, as a request of a few parts should. */
    private static final int MIN_WRITES = 8;

    /** Bytes. A write from this size on gains nothing by company. */
    private static final int SMALL_BELOW = 32 * 1024;

    private final boolean enabled;
    private long last = System.nanoTime();
    private int sinceGatherer;
    private byte quick;
    /** Whether the burst goes on, so that more is worth waiting for. */
    private boolean goesOn;

    private boolean withGatherer;
    /** Whether small writes are held back for more to follow. */
    private boolean held;

    Gathering(boolean enabled) {
        this.enabled = enabled;
    }

    /** Notes a write, and tells whether it is part of a burst. */
    boolean onWrite(int bytes) {
        if (!enabled) {
            return false;
        }
        if (bytes >= SMALL_BELOW) {
            quick = 0;
            return false;
        }
        if (withGatherer && quick >= MIN_WRITES) {
            sinceGatherer++;
            return true;
        }
        long now = System.nanoTime();
        quick = now - last < QUICK ? (byte) Math.min(quick + 1, MIN_WRITES) : 0;
        last = now;
        return quick >= MIN_WRITES;
    }

    /** Bytes that are gathered at the most. */
    int bytes() {
        return goesOn ? BufferPool.LARGE : BufferPool.MEDIUM;
    }

    /** After a write: holds it back for more if it is one of a burst. */
    void hold(boolean bursting, int queued, Gatherer.Held engine) {
        if (!bursting) {
            held = false;
        } else if (queued >= bytes()) {
            held = false;
            goesOn = true; // before the gatherer came: there is more where that came from
        } else if (!held) {
            if (!withGatherer) {
                withGatherer = Gatherer.SHARED.hold(engine);
            }
            held = withGatherer;
        }
    }

    boolean isHeld() {
        return held;
    }

    void release() {
        held = false;
    }

    /** The gatherer has come by. */
    void onGatherer() {
        withGatherer = false;
        held = false;
        if (sinceGatherer >= MIN_WRITES) {
            last = System.nanoTime();
        } else {
            quick = 0;
            goesOn = false;
        }
        sinceGatherer = 0;
    }

    /** A read came in between: what follows may be an answer, and nobody should wait for it. */
    void interrupt() {
        quick = 0;
    }
}
