package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Security;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Draws what was measured; each value is the median of the rounds. */
final class Plots {
    private final Path directory;

    /**
     * Draws into a directory, which is made if there is none.
     *
     * @param directory of the files, one for each plot
     */
    Plots(Path directory) {
        this.directory = directory;
    }

    /** Draws whatever there is to draw of a workload. */
    void draw(Workload workload, Security security, Readings readings) throws IOException {
        String suffix = "-" + security.name().toLowerCase(Locale.ROOT) + ".svg";
        String words = security == Security.TLS ? ", TLS" : ", clear text";
        switch (workload) {
            case W1 -> latencies(readings.at("1/1"), words).save(directory.resolve("latency" + suffix));
            case SIZES ->
                byPoint(
                                new Plot("Messages one way" + words)
                                        .x(Plot.logarithmic("bytes of a message", 4))
                                        .y(Plot.logarithmic("MiB/s", 10)),
                                readings,
                                (slice, bytes) -> slice.perSecond() * bytes / Unit.MEBIBYTES.operations())
                        .save(directory.resolve("sizes" + suffix));
            case CONNECTIONS ->
                byPoint(
                                new Plot("Ping-pong of 64 bytes" + words)
                                        .x(Plot.logarithmic("connections", 2))
                                        .y(Plot.fromZero("exchanges/s, all together")),
                                readings,
                                (slice, connections) -> slice.perSecond())
                        .save(directory.resolve("connections" + suffix));
            case IDLE -> {
                idle("The server's heap" + words, readings, Slice::heapEach)
                        .save(directory.resolve("idle-heap" + suffix));
                idle("The server's resident memory" + words, readings, Slice::residentEach)
                        .save(directory.resolve("idle-resident" + suffix));
            }
            case W1C, W2, W3, W4, W4_PACED, W5, W6 -> {
                // Tables say it all.
            }
        }
    }

    private static Plot latencies(Readings readings, String words) {
        Plot plot = new Plot("Ping-pong of 64 bytes on one connection" + words)
                .x(Plot.percentiles("percentile of the exchanges"))
                .y(Plot.logarithmic("microseconds", 10));
        for (String peer : readings.peers()) {
            SortedMap<Double, Double> line = new TreeMap<>();
            for (double percentile : Results.PERCENTILES) {
                if (percentile < 100) {
                    double nanos = readings.of(peer)
                            .values(slice -> slice.latency(percentile))
                            .median();
                    line.put(1 / (1 - percentile / 100), nanos / 1000);
                }
            }
            plot.add(peer, line);
        }
        return plot;
    }

    private static Plot idle(String title, Readings readings, ToDoubleFunction<Slice> bytes) {
        Plot plot = new Plot(title).x(Plot.fromZero("idle connections")).y(Plot.fromZero("bytes for each connection"));
        return byPoint(plot, readings, (slice, connections) -> bytes.applyAsDouble(slice));
    }

    private interface Value {
        double of(Slice slice, double point);
    }

    private static Plot byPoint(Plot plot, Readings readings, Value value) {
        for (String peer : readings.peers()) {
            SortedMap<Double, Double> line = new TreeMap<>();
            for (String point : readings.points()) {
                double x = Double.parseDouble(point);
                line.put(
                        x,
                        readings.at(point)
                                .of(peer)
                                .values(slice -> value.of(slice, x))
                                .median());
            }
            plot.add(peer, line);
        }
        return plot;
    }
}
