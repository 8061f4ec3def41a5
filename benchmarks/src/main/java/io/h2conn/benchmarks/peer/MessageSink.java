package io.h2conn.benchmarks.peer;

import java.io.IOException;
import org.HdrHistogram.Histogram;

/** Takes {@link Messages}, and checks each. For one thread at a time. */
final class MessageSink {
    private final Latencies latencies = new Latencies(1);
    private long received;

    /**
     * Takes the next one.
     *
     * @throws IOException if it is wrong
     */
    void take(byte[] message) throws IOException {
        long sent = Messages.check(message, message.length, received);
        received++;
        if (sent != 0) {
            latencies.record(0, System.nanoTime() - sent);
        }
    }

    /** What it has taken so far. */
    Receipt receipt() {
        Histogram merged = latencies.merged();
        return new Receipt(received, 0, merged.getTotalCount() == 0 ? null : merged);
    }
}
