package io.h2conn.benchmarks.peer;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a workload has done.
 *
 * @param operations exchanges, bytes, messages or connections that arrived and were right
 * @param nanos from the first to the last
 * @param latencies nanoseconds of each, where the workload measures them
 */
public record Outcome(long operations, long nanos, @Nullable Histogram latencies) {}
