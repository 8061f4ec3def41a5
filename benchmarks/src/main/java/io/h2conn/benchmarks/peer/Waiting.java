package io.h2conn.benchmarks.peer;

/** What waits for an answer. */
public enum Waiting {
    THREAD,
    CALLBACK
}
