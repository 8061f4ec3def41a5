package io.h2conn.reliability;

import io.h2conn.reliability.Sample.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Whether a process holds no more at the end than before. Within a run of some minutes the median of the last quarter must
 * not exceed that of the second by more than a share and a constant: the number of open connections varies. After the last
 * connection no buffer and no connection may be left, and files and threads must be as many as before the first one, but
 * for a few that the JVM and Jetty's pool of threads keep.
 */
final class Flatness {
    /** Shorter runs have too few samples, and are still warming up in their second quarter. */
    static final long JUDGED_MILLIS = 8 * 60_000;

    /** Pools keep idle threads for up to a minute. */
    private static final long THREADS_GO_MILLIS = 60_000;

    private static final int FILES_KEPT = 12;
    private static final int THREADS_KEPT = 64;

    private final List<String> rows = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final long millis;
    private final long settled;

    /**
     * Begins.
     *
     * @param millis how long new connections have begun
     * @param settled how long after the last connection the last sample was taken, in milliseconds
     */
    Flatness(long millis, long settled) {
        this.millis = millis;
        this.settled = settled;
    }

    /** Looks at one process. */
    Flatness judge(String process, Series series) {
        grows(process, series, Metric.HEAP_AFTER_GC, 0.2, 6 << 20);
        grows(process, series, Metric.DIRECT, 0.25, 8 << 20);
        grows(process, series, Metric.BUFFERS, 0.5, 50);
        grows(process, series, Metric.THREADS, 0.25, 30);
        grows(process, series, Metric.FILES, 0.25, 30);
        grows(process, series, Metric.CONNECTIONS, 0.3, 50);
        remains(process, series, Metric.CONNECTIONS, 0L);
        remains(process, series, Metric.BUFFERS, 0L);
        remains(process, series, Metric.FILES, plus(series.first(Metric.FILES), FILES_KEPT));
        if (settled >= THREADS_GO_MILLIS) {
            remains(process, series, Metric.THREADS, plus(series.first(Metric.THREADS), THREADS_KEPT));
        }
        return this;
    }

    private static @Nullable Long plus(@Nullable Long value, int more) {
        return value == null ? null : value + more;
    }

    private void grows(String process, Series series, Metric metric, double share, long constant) {
        OptionalDouble second = series.median(metric, 2, millis);
        OptionalDouble last = series.median(metric, 4, millis);
        if (second.isPresent() && last.isPresent()) {
            double bound = second.getAsDouble() * (1 + share) + constant;
            boolean flat = last.getAsDouble() <= bound;
            boolean judged = millis >= JUDGED_MILLIS;
            rows.add(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s | %s | %s |",
                    process,
                    metric.title,
                    text(metric, series.first(metric)),
                    text(metric, second.getAsDouble()),
                    text(metric, last.getAsDouble()),
                    text(metric, bound),
                    text(metric, series.last(metric)),
                    !judged ? "too short" : flat ? "flat" : "GROWS"));
            if (judged && !flat) {
                violations.add(process + ": " + metric.title + " grew from " + text(metric, second.getAsDouble())
                        + " to " + text(metric, last.getAsDouble()) + " " + metric.unit);
            }
        }
    }

    private void remains(String process, Series series, Metric metric, @Nullable Long most) {
        Long last = series.last(metric);
        if (last == null || most == null) {
            violations.add(process + ": " + metric.title + " was not measured");
        } else if (last > most) {
            violations.add(process + ": after the last connection there are " + last + " " + metric.unit
                    + ", which should be " + most + " at most");
        }
    }

    private static String text(Metric metric, @Nullable Number value) {
        return value == null
                ? "-"
                : String.format(Locale.ROOT, metric.scale == 1 ? "%.0f" : "%.1f", value.doubleValue() / metric.scale);
    }

    /** Of a Markdown table. */
    List<String> rows() {
        return rows;
    }

    List<String> violations() {
        return violations;
    }
}
