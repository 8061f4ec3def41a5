package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * The raw figures of a workload as a file of comma-separated values, a line a slice.
 *
 * @param header how they were measured, a line each
 * @param readings the figures
 */
record Results(List<String> header, Readings readings) {
    static final double[] PERCENTILES = {1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100};
    private static final String[] COLUMNS = Stream.of(
                    Stream.of(
                            "point",
                            "round",
                            "peer",
                            "operations",
                            "nanos",
                            "client_cpu_nanos",
                            "server_cpu_nanos",
                            "client_waits_per_second",
                            "server_waits_per_second",
                            "server_heap_bytes",
                            "server_resident_bytes",
                            "failure"),
                    Arrays.stream(PERCENTILES).mapToObj(Results::column))
            .flatMap(columns -> columns)
            .toArray(String[]::new);
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setRecordSeparator('\n')
            .setCommentMarker('#')
            .setHeader(COLUMNS)
            .get();

    private static String column(double percentile) {
        return "p" + (percentile % 1 == 0 ? String.valueOf((int) percentile) : String.valueOf(percentile)) + "_nanos";
    }

    /** Writes a file anew; its directory is made if there is none. */
    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (BufferedWriter writer = Files.newBufferedWriter(file);
                CSVPrinter printer = new CSVPrinter(
                        writer,
                        FORMAT.builder()
                                .setHeaderComments(header.toArray(String[]::new))
                                .get())) {
            for (Reading reading : readings.all()) {
                printer.printRecord(values(reading));
            }
        }
    }

    private static Collection<?> values(Reading reading) {
        Slice slice = reading.slice();
        List<Object> values = new ArrayList<>(List.of(
                reading.point(),
                reading.round(),
                reading.peer(),
                slice.operations(),
                slice.nanos(),
                text(slice.client().cpuNanos()),
                text(slice.server().cpuNanos()),
                text(slice.client().waitsPerSecond()),
                text(slice.server().waitsPerSecond()),
                text(slice.memory().heap()),
                text(slice.memory().resident()),
                slice.failure() == null ? "" : slice.failure()));
        for (double percentile : PERCENTILES) {
            values.add(text(slice.latency(percentile)));
        }
        return values;
    }

    private static String text(double value) {
        return Double.isNaN(value) ? "" : String.valueOf(Math.round(value));
    }

    /** Reads a file. */
    static Results read(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file, UTF_8);
                CSVParser parser =
                        FORMAT.builder().setSkipHeaderRecord(true).get().parse(reader)) {
            List<Reading> readings = new ArrayList<>();
            for (CSVRecord line : parser) {
                readings.add(reading(line));
            }
            String header = parser.getHeaderComment();
            return new Results(header == null ? List.of() : header.lines().toList(), new Readings(readings));
        }
    }

    private static Reading reading(CSVRecord line) {
        SortedMap<Double, Long> latencies = new TreeMap<>();
        for (double percentile : PERCENTILES) {
            String value = line.get(column(percentile));
            if (!value.isEmpty()) {
                latencies.put(percentile, Long.valueOf(value));
            }
        }
        String failure = line.get("failure");
        return new Reading(
                line.get("point"),
                Integer.parseInt(line.get("round")),
                line.get("peer"),
                new Slice(
                        Long.parseLong(line.get("operations")),
                        Long.parseLong(line.get("nanos")),
                        new Usage(number(line, "client_cpu_nanos"), number(line, "client_waits_per_second")),
                        new Usage(number(line, "server_cpu_nanos"), number(line, "server_waits_per_second")),
                        latencies,
                        new Memory(number(line, "server_heap_bytes"), number(line, "server_resident_bytes")),
                        failure.isEmpty() ? null : failure));
    }

    private static double number(CSVRecord line, String column) {
        String value = line.get(column);
        return value.isEmpty() ? Double.NaN : Double.parseDouble(value);
    }
}
