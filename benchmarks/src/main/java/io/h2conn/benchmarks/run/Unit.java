package io.h2conn.benchmarks.run;

/** What tables count in. */
public enum Unit {
    /** There and back. */
    EXCHANGES("exchanges", "exchange", 1),
    /** One way. */
    MESSAGES("messages", "message", 1),
    /** Payload. */
    MEBIBYTES("MiB", "MiB", 1024 * 1024),
    /** Opened. */
    CONNECTIONS("connections", "connection", 1);

    private final String plural;
    private final String singular;
    private final double operations;

    Unit(String plural, String singular, double operations) {
        this.plural = plural;
        this.singular = singular;
        this.operations = operations;
    }

    String plural() {
        return plural;
    }

    String singular() {
        return singular;
    }

    /** How many operations are one of this unit. */
    double operations() {
        return operations;
    }
}
