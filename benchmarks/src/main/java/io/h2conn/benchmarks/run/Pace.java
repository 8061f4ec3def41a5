package io.h2conn.benchmarks.run;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param slice how long a slice is
 * @param rounds that count
 * @param warmUp rounds before that do not
 */
record Pace(Duration slice, int rounds, int warmUp) {
    static final Pace USUAL = new Pace(Duration.ofSeconds(1), 7, 2);
    /** For workloads of several points that differ little. */
    static final Pace BRISK = new Pace(Duration.ofMillis(500), 7, 2);
    /** For workloads of many points, of which none matters alone. */
    static final Pace CURVE = new Pace(Duration.ofMillis(250), 7, 1);
    /** For what is the same each time. */
    static final Pace STEADY = new Pace(Duration.ofSeconds(1), 3, 1);
    /** For a look. */
    static final Pace QUICK = new Pace(Duration.ofMillis(500), 7, 2);
}
