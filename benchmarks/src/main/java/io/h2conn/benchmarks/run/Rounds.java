package io.h2conn.benchmarks.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Measures several ways to do a thing by turns, in another order each round, so that they can be compared within each
 * round. A way that fails is not tried again, and its failure is kept.
 */
public final class Rounds {
    /** One way to do it. */
    public interface Way {
        /**
         * Does it.
         *
         * @return what was measured, by point of the workload
         * @throws Exception if it fails
         */
        Map<String, Slice> measure() throws Exception;
    }

    private final int warmUp;
    private final int rounds;
    private final List<String> points;
    private final IntConsumer beforeEach;
    private final Map<String, Way> ways = new LinkedHashMap<>();

    /**
     * Rounds of a thing that is measured as a whole.
     *
     * @param warmUp rounds that do not count
     * @param rounds that count
     */
    public Rounds(int warmUp, int rounds) {
        this(warmUp, rounds, List.of(""), round -> {});
    }

    /**
     * Rounds of several points that are measured together.
     *
     * @param points what a failure is a failure of
     * @param beforeEach told the round before each slice; rounds of the warm-up are negative
     */
    Rounds(int warmUp, int rounds, List<String> points, IntConsumer beforeEach) {
        this.warmUp = warmUp;
        this.rounds = rounds;
        this.points = points;
        this.beforeEach = beforeEach;
    }

    /**
     * Adds a way.
     *
     * @param name how tables call it
     * @param way what to do
     * @return this
     */
    public Rounds add(String name, Way way) {
        ways.put(name, way);
        return this;
    }

    /**
     * Runs.
     *
     * @return what was measured, in the order of points, rounds and ways
     * @throws InterruptedException if that happens
     */
    public Readings run() throws InterruptedException {
        List<Reading> readings = new ArrayList<>();
        Set<String> failed = new HashSet<>();
        for (int round = -warmUp; round < rounds; round++) {
            List<String> order = new ArrayList<>(ways.keySet());
            Collections.shuffle(order, new Random(round));
            for (String name : order) {
                beforeEach.accept(round);
                if (!failed.contains(name)) {
                    try {
                        collect(round, name, ways.get(name).measure(), readings);
                    } catch (InterruptedException e) {
                        throw e;
                    } catch (Exception e) {
                        failed.add(name);
                        String message = e instanceof IOException ? e.getMessage() : e.toString();
                        for (String point : points) {
                            readings.add(new Reading(point, Math.max(0, round), name, Slice.failed("" + message)));
                        }
                    }
                }
            }
        }
        return new Readings(readings).inOrder(points, List.copyOf(ways.keySet()));
    }

    private static void collect(int round, String name, Map<String, Slice> slices, List<Reading> readings) {
        if (round >= 0) {
            slices.forEach((point, slice) -> readings.add(new Reading(point, round, name, slice)));
        }
    }
}
