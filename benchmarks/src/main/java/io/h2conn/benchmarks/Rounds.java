package io.h2conn.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Measures several ways to do a thing by turns, in another order each round, and compares them within each round. */
final class Rounds {
    private static final int WARM_UP = 4;

    /**
     * What was measured in one slice.
     *
     * @param perSecond operations
     * @param cpuNanos for each operation, in all processes
     */
    record Slice(double perSecond, double cpuNanos) {}

    /** One way to do it. */
    interface Measurement {
        Slice measure() throws Exception;
    }

    private final Map<String, Measurement> ways = new LinkedHashMap<>();
    private final Map<String, List<Slice>> slices = new LinkedHashMap<>();

    /** Adds a way; the first one is what the others are compared with. */
    Rounds add(String name, Measurement way) {
        ways.put(name, way);
        slices.put(name, new ArrayList<>());
        return this;
    }

    Rounds run(int rounds) throws Exception {
        for (int round = -WARM_UP; round < rounds; round++) {
            List<String> order = new ArrayList<>(ways.keySet());
            Collections.shuffle(order, new Random(round));
            for (String name : order) {
                Slice slice = ways.get(name).measure();
                if (round >= 0) {
                    slices.get(name).add(slice);
                }
            }
        }
        return this;
    }

    void print(String title) {
        List<Slice> baseline = slices.values().iterator().next();
        System.out.printf("%-44s %12s %22s %10s%n", title, "per second", "ratio (range)", "CPU ns");
        slices.forEach((name, own) -> {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < own.size(); i++) {
                ratios.add(own.get(i).perSecond / baseline.get(i).perSecond);
            }
            System.out.printf(
                    "%-44s %12.0f %8.2f (%.2f to %.2f) %10.0f%n",
                    name,
                    median(own.stream().map(Slice::perSecond).toList()),
                    median(ratios),
                    Collections.min(ratios),
                    Collections.max(ratios),
                    median(own.stream().map(Slice::cpuNanos).toList()));
        });
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
