package io.h2conn.benchmarks.run;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Some values in brief.
 *
 * @param min the least; NaN if there are no values
 * @param median the one in the middle, or between the two in the middle
 * @param max the greatest
 */
record Spread(double min, double median, double max) {
    private static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

    /** Of those that are numbers. */
    static Spread of(double... values) {
        double[] sorted =
                DoubleStream.of(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return NONE;
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }

    boolean isEmpty() {
        return Double.isNaN(median);
    }

    @Override
    public String toString() {
        return Arrays.toString(new double[] {min, median, max});
    }
}
