package io.h2conn.codec;

import java.nio.channels.WritePendingException;

/** A second asynchronous send while one waits. */
final class PendingSend extends WritePendingException {
    private static final long serialVersionUID = 1L;

    private final String id;

    PendingSend(String id) {
        this.id = id;
    }

    @Override
    public String getMessage() {
        return "another asynchronous send on " + id + " waits for room; wait for its result first";
    }
}
