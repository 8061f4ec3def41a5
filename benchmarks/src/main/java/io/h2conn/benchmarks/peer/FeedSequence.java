package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The messages that one receiver of a feed gets: from any one on, none is missing. For one thread at a time. */
final class FeedSequence {
    private long next = -1;

    /**
     * Takes the next one.
     *
     * @return its number
     * @throws IOException if it is not the next one
     */
    long take(byte[] message) throws IOException {
        if (next < 0) {
            next = message.length < Long.BYTES ? 0 : ByteBuffer.wrap(message).getLong();
        }
        Messages.check(message, Messages.SMALL, next);
        return next++;
    }
}
