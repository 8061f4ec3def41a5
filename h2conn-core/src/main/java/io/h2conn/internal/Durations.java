package io.h2conn.internal;

import java.time.Duration;

/** Durations in messages. */
public final class Durations {
    private Durations() {}

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
