package io.h2conn.jetty;

import java.util.concurrent.TimeUnit;

/**
 * Keeps a log readable while somebody opens one TCP connection after the other only to be thrown out: so many lines in a
 * while, and then the number of those that were left out. Safe for any thread.
 */
public final class LogRation {
    private static final int LINES = 100;
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private long began = System.nanoTime();
    private int lines;
    private long omitted;

    /** Makes one that has given out nothing. */
    public LogRation() {}

    /** What is to be logged. */
    @FunctionalInterface
    public interface Line {
        /**
         * Writes it.
         *
         * @param suffix to be put at its end: empty, or how many lines were left out before
         */
        void write(String suffix);
    }

    /**
     * Logs a line, or counts it.
     *
     * @param line written before this returns, or not at all
     */
    public void log(Line line) {
        long before;
        synchronized (this) {
            long now = System.nanoTime();
            if (now - began > PERIOD_NANOS) {
                began = now;
                lines = 0;
            }
            if (lines == LINES) {
                omitted++;
                return;
            }
            lines++;
            before = omitted;
            omitted = 0;
        }
        line.write(before == 0 ? "" : " (" + before + " lines like this were left out before)");
    }
}
