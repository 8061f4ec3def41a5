package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes bytes of {@link Pattern}, and checks each. For one thread at a time. */
final class Sink {
    private long received;

    /**
     * Takes the next ones, all that remain in the buffer.
     *
     * @throws IOException if one is wrong
     */
    void take(ByteBuffer bytes) throws IOException {
        Pattern.check(bytes, received);
        received += bytes.remaining();
        bytes.position(bytes.limit());
    }

    /** How many bytes were right. */
    long received() {
        return received;
    }
}
