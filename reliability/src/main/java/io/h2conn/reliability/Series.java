package io.h2conn.reliability;

import io.h2conn.reliability.Sample.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The samples of one process, from before its first connection to after its last one. Safe for threads. */
final class Series {
    private final List<Sample> samples = new ArrayList<>();

    synchronized void add(Sample sample) {
        samples.add(sample);
    }

    synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** What was measured before the first connection, or {@code null}. */
    @Nullable
    Long first(Metric metric) {
        List<Sample> all = samples();
        return all.isEmpty() ? null : all.get(0).values().get(metric);
    }

    /** What was measured after the last connection, or {@code null}. */
    @Nullable
    Long last(Metric metric) {
        List<Sample> all = samples();
        return all.isEmpty() ? null : all.get(all.size() - 1).values().get(metric);
    }

    /**
     * The median within one quarter of the run.
     *
     * @param quarter 1 to 4
     * @param millis how long the run took, without what came after the last connection
     */
    OptionalDouble median(Metric metric, int quarter, long millis) {
        List<Long> values = samples().stream()
                .filter(sample ->
                        sample.millis() >= millis * (quarter - 1) / 4 && sample.millis() < millis * quarter / 4)
                .map(sample -> sample.values().get(metric))
                .filter(value -> value != null)
                .sorted()
                .toList();
        int size = values.size();
        return size == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((values.get((size - 1) / 2) + values.get(size / 2)) / 2.0);
    }

    /** For a plot: minutes and values in the metric's unit, no more points than can be seen. */
    SortedMap<Double, Double> line(Metric metric, int points) {
        List<Sample> known = samples().stream()
                .filter(sample -> sample.values().containsKey(metric))
                .toList();
        SortedMap<Double, Double> line = new TreeMap<>();
        int step = Math.max(1, known.size() / points);
        for (int i = 0; i < known.size(); i += step) {
            Long value = known.get(i).values().get(metric);
            if (value != null) {
                line.put(known.get(i).millis() / 60_000.0, (double) value / metric.scale);
            }
        }
        return line;
    }
}
