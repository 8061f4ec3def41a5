package io.h2conn.conformance;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A thread that writes the pattern until it fails, and knows how much of it was accepted. */
final class Flood {
    /** How long a writer makes no progress before it counts as stalled. */
    private static final Duration STALL = Duration.ofMillis(25);

    /** A prime, so that whatever a way to the peer holds, it ends in the middle of a piece. */
    private static final int PIECE = 10_007;

    private final AtomicLong accepted = new AtomicLong();
    private final Task<Boolean> writing;

    private Flood(DuplexConnection connection) {
        writing = Task.run(() -> {
            while (true) {
                ByteBuffer piece = Bytes.pattern(accepted.get(), PIECE);
                try {
                    connection.write(piece);
                } finally {
                    accepted.addAndGet(piece.position());
                }
            }
        });
    }

    static Flood into(DuplexConnection connection) {
        return new Flood(connection);
    }

    /** Fills the way to a peer that does not read, as far as it goes. Returns how many bytes of the pattern went in. */
    static long fill(DuplexConnection connection) throws Exception {
        Flood flood = into(connection).awaitStalled();
        connection.setWriteDeadline(Instant.now());
        Throwable end = flood.failure();
        connection.setWriteDeadline(null);
        if (!(end instanceof ConnectionTimeoutException)) {
            throw new AssertionError("the flood must end at its deadline, but ended with " + end, end);
        }
        return flood.accepted();
    }

    /** Waits until nothing more goes in. */
    Flood awaitStalled() {
        long last;
        do {
            last = accepted.get();
            writing.awaitBlocked();
            long seen = last;
            Await.becomes(() -> accepted.get() != seen || writing.isDone(), STALL);
        } while (accepted.get() != last);
        writing.awaitBlocked();
        return this;
    }

    /** How the flood ended; waits for it. */
    Throwable failure() throws InterruptedException {
        return writing.failure();
    }

    void interrupt() {
        writing.interrupt();
    }

    boolean isDone() {
        return writing.isDone();
    }

    /** Bytes of whole pieces so far, and, once it has ended, also those of the last, partly accepted one. */
    long accepted() {
        return accepted.get();
    }
}
