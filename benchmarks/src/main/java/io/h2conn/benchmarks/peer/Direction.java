package io.h2conn.benchmarks.peer;

/** Which way bytes go, seen from the client. */
public enum Direction {
    UP,
    DOWN,
    BOTH
}
