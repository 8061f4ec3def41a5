package io.h2conn.benchmarks.run;

import java.io.PrintStream;
import java.time.Duration;

/** A line that says what runs, and about how long it will take. */
final class Progress {
    private final PrintStream output;
    private final boolean terminal;
    private final Duration expected;
    private final long start = System.nanoTime();
    private Duration begun = Duration.ZERO;
    private String last = "";

    /**
     * A new one.
     *
     * @param terminal whether the line can be written over
     * @param expected how long all slices will take
     */
    Progress(PrintStream output, boolean terminal, Duration expected) {
        this.output = output;
        this.terminal = terminal;
        this.expected = expected;
    }

    /**
     * Tells that the next slice begins.
     *
     * @param round negative during the warm-up
     * @param time how long the slice was expected to take
     */
    void next(String what, int round, int rounds, Duration time) {
        String line = what + (round < 0 ? ", warm-up" : ", round " + (round + 1) + " of " + rounds);
        if (terminal) {
            output.printf("\r\033[K%s, about %s left", line, words(left()));
        } else if (!line.equals(last)) {
            output.printf("%s, about %s left%n", line, words(left()));
        }
        output.flush();
        last = line;
        begun = begun.plus(time);
    }

    /** If what is left takes as much longer than expected as what has been done. */
    private Duration left() {
        double spent = System.nanoTime() - start;
        double slowness = begun.isZero() ? 1 : Math.max(1, spent / begun.toNanos());
        return Duration.ofNanos(
                (long) Math.max(0, slowness * expected.minus(begun).toNanos()));
    }

    private static String words(Duration duration) {
        return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }

    /** Makes way for other output. */
    void clear() {
        if (terminal) {
            output.print("\r\033[K");
            output.flush();
        }
    }
}
