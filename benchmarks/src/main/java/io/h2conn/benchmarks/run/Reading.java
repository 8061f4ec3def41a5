package io.h2conn.benchmarks.run;

/**
 * A slice, and what it is a slice of.
 *
 * @param point of the workload: a layout, a size, a number
 * @param round from 0
 * @param peer whose
 * @param slice the figures
 */
public record Reading(String point, int round, String peer, Slice slice) {}
