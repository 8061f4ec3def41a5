package io.h2conn.benchmarks.run;

/**
 * What a process used in a slice.
 *
 * @param cpuNanos user and system time
 * @param waitsPerSecond voluntary context switches in the middle of the slice; NaN if they were not counted
 */
public record Usage(double cpuNanos, double waitsPerSecond) {}
