package io.h2conn.benchmarks.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A ping-pong on one connection for some time without a thread: each echo's callback sends the next message. */
final class Rally {
    /** Something has gone wrong if the last echo takes longer than that. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** One end of a connection. */
    interface Player {
        /** Sends the first message of a rally, and gives all echoes to it from now on. */
        void play(Rally rally) throws Exception;
    }

    private final Exchanges exchanges;
    private final long start;
    private final long end;
    private final Latencies latencies;
    private final int number;
    private final CompletableFuture<Long> over = new CompletableFuture<>();
    private long before;

    private Rally(Exchanges exchanges, Latencies latencies, int number, long start, long nanos) {
        this.exchanges = exchanges;
        this.latencies = latencies;
        this.number = number;
        this.start = start;
        this.end = start + nanos;
    }

    /** The message that begins it. */
    byte[] first() {
        before = System.nanoTime();
        return exchanges.message();
    }

    /**
     * Takes an echo.
     *
     * @return the next message, or {@code null} when the time is up
     * @throws Exception if the echo is wrong, which ends the rally, too
     */
    byte @Nullable [] next(byte[] echo) throws Exception {
        try {
            exchanges.take(echo);
        } catch (Exception e) {
            over.completeExceptionally(e);
            throw e;
        }
        long now = System.nanoTime();
        latencies.record(number, now - before);
        before = now;
        if (now - end < 0) {
            return exchanges.message();
        }
        over.complete(now - start);
        return null;
    }

    /** Ends it: the connection has failed. */
    void fail(Throwable failure) {
        over.completeExceptionally(failure);
    }

    /**
     * Plays on all connections at the same time.
     *
     * @param exchanges one for each player
     * @param nanos how long
     * @return how many exchanges there were, until when, and how long each took
     */
    static Outcome play(List<? extends Player> players, List<Exchanges> exchanges, long nanos) throws Exception {
        Latencies latencies = new Latencies(players.size());
        long start = System.nanoTime();
        List<Rally> rallies = new ArrayList<>();
        for (int i = 0; i < players.size(); i++) {
            Rally rally = new Rally(exchanges.get(i), latencies, i, start, nanos);
            rallies.add(rally);
            players.get(i).play(rally);
        }
        long last = 0;
        for (Rally rally : rallies) {
            last = Math.max(last, rally.await(nanos + PATIENCE_NANOS));
        }
        Histogram merged = latencies.merged();
        return new Outcome(merged.getTotalCount(), last, merged);
    }

    private long await(long nanos) throws Exception {
        try {
            return over.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
