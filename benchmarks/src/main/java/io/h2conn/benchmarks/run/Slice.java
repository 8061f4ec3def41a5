package io.h2conn.benchmarks.run;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured in one slice, or why nothing was.
 *
 * @param operations how many arrived and were right
 * @param nanos in which time
 * @param client what the client's process used meanwhile
 * @param server what the server's process used
 * @param latencies nanoseconds by percentile, where the workload measures them
 * @param memory what the server's process holds more than before, where the workload measures it
 * @param failure why there are no figures
 */
public record Slice(
        long operations,
        long nanos,
        Usage client,
        Usage server,
        Map<Double, Long> latencies,
        Memory memory,
        @Nullable String failure) {
    private static final Usage NOTHING = new Usage(Double.NaN, Double.NaN);

    /**
     * A slice without latencies and memory.
     *
     * @param operations how many
     * @param nanos in which time
     * @param client what the client's process used
     * @param server what the server's process used
     */
    public Slice(long operations, long nanos, Usage client, Usage server) {
        this(operations, nanos, client, server, Map.of(), Memory.UNKNOWN, null);
    }

    static Slice failed(String failure) {
        return new Slice(0, 0, NOTHING, NOTHING, Map.of(), Memory.UNKNOWN, failure);
    }

    Slice withMemory(Memory held) {
        return new Slice(operations, nanos, client, server, latencies, held, failure);
    }

    double perSecond() {
        return operations * 1e9 / nanos;
    }

    /** Nanoseconds of both processes for each operation. */
    double cpu() {
        return clientCpu() + serverCpu();
    }

    double clientCpu() {
        return client.cpuNanos() / operations;
    }

    double serverCpu() {
        return server.cpuNanos() / operations;
    }

    /** For each operation. */
    double clientWaits() {
        return client.waitsPerSecond() / perSecond();
    }

    /** For each operation. */
    double serverWaits() {
        return server.waitsPerSecond() / perSecond();
    }

    double latency(double percentile) {
        Long nanos = latencies.get(percentile);
        return nanos == null ? Double.NaN : nanos;
    }

    double heapEach() {
        return memory.heap() / operations;
    }

    double residentEach() {
        return memory.resident() / operations;
    }
}
