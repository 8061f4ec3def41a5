package io.h2conn.benchmarks.peer;

/** Whether the bytes are encrypted. */
public enum Security {
    CLEAR,
    /** TLS 1.3, with the certificate of {@link Identity}. */
    TLS
}
