package io.h2conn.client;

import java.time.Duration;

/** Time limits as the clock counts. */
final class Limits {
    /** About 73 years: as good as none, and safe to add to any reading of the clock and to each other. */
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE / 4);

    private Limits() {}

    /** Nanoseconds, of a limit that may be longer than they can say. */
    static long nanos(Duration limit) {
        return limit.compareTo(FOREVER) < 0 ? limit.toNanos() : FOREVER.toNanos();
    }
}
