package io.h2conn.benchmarks.peer;

import java.io.IOException;

/**
 * The messages of one connection's ping-pong. Their numbers are those of no other connection, so that an echo that went
 * astray is noticed. For one thread at a time.
 */
final class Exchanges {
    /** More than any connection ever sends. */
    private static final long NUMBERS = 1L << 40;

    private final long first;
    private long done;

    /** The exchanges of connection number {@code connection}. */
    Exchanges(int connection) {
        first = connection * NUMBERS;
    }

    /** The message to send. */
    byte[] message() {
        return Messages.make(Messages.SMALL, first + done, 0);
    }

    /**
     * Takes the echo of {@link #message}.
     *
     * @throws IOException if it is another one
     */
    void take(byte[] echo) throws IOException {
        Messages.check(echo, Messages.SMALL, first + done);
        done++;
    }
}
