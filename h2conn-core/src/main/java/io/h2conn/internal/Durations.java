package io.h2conn.internal;

import java.time.Duration;

/** Durations in messages. */
public final class Durations {
    private Durations() {}

    /**
     * How long something has lasted, as people read it.
     *
     * @param nanos nanoseconds, zero or more
     * @return seconds with a tenth, such as {@code 12.3 s}
     */
    public static String passed(long nanos) {
        long tenths = nanos / 100_000_000;
        return tenths / 10 + "." + tenths % 10 + " s";
    }

    /**
     * A duration as people write it.
     *
     * @param duration zero or more
     * @return for one, {@code 5 s} or {@code 250 ms}
     */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
