package io.h2conn.benchmarks.peer;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/**
 * Nanoseconds that many threads, or connections, record at the same time. A histogram for each of them would take
 * hundreds of megabytes for a thousand, and the time to fill the caches with it; so a few are shared.
 */
final class Latencies {
    /** More than processors that record at the same time. */
    private static final int SHARED = 8;

    /** What takes longer counts as that. */
    private static final long MAX = TimeUnit.SECONDS.toNanos(60);

    private static final int DIGITS = 3;

    private final Histogram[] histograms;

    /** For so many threads, or connections. */
    Latencies(int recorders) {
        histograms = new Histogram[Math.min(recorders, SHARED)];
        for (int i = 0; i < histograms.length; i++) {
            histograms[i] = new AtomicHistogram(MAX, DIGITS);
        }
    }

    /** Records how long something took. */
    void record(int recorder, long nanos) {
        histograms[recorder % histograms.length].recordValue(Math.max(0, Math.min(nanos, MAX)));
    }

    /** What all of them have recorded, when they have ended. */
    Histogram merged() {
        Histogram all = new Histogram(DIGITS);
        for (Histogram histogram : histograms) {
            all.add(histogram);
        }
        return all;
    }
}
