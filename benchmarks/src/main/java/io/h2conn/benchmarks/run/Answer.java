package io.h2conn.benchmarks.run;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A line in which a process answers a command.
 *
 * @param values by name
 */
record Answer(Map<String, String> values) {
    /**
     * Takes a line apart.
     *
     * @throws IOException if the line tells of a failure
     */
    static Answer parse(String line) throws IOException {
        if (line.startsWith("error=")) {
            throw new IOException(line.substring("error=".length()));
        }
        Map<String, String> values = new HashMap<>();
        for (String word : line.trim().split(" +")) {
            int equals = word.indexOf('=');
            values.put(equals < 0 ? word : word.substring(0, equals), equals < 0 ? "" : word.substring(equals + 1));
        }
        return new Answer(values);
    }

    long number(String name) throws IOException {
        String value = values.get(name);
        if (value == null) {
            throw new IOException("the answer does not tell " + name + ": " + values);
        }
        return Long.parseLong(value);
    }

    /** Nanoseconds by percentile; empty if the answer tells of none. */
    SortedMap<Double, Long> latencies() {
        SortedMap<Double, Long> latencies = new TreeMap<>();
        String value = values.getOrDefault("latencies", "");
        if (!value.isEmpty()) {
            for (String pair : value.split(",")) {
                String[] parts = pair.split(":");
                latencies.put(Double.valueOf(parts[0]), Long.valueOf(parts[1]));
            }
        }
        return latencies;
    }
}
