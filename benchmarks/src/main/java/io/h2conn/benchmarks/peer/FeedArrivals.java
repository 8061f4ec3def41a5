package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts how many receivers have got which message of a feed, for peers that call back when one arrives. */
final class FeedArrivals {
    /** Something has gone wrong if a message takes longer than that. */
    private static final long PATIENCE_SECONDS = 60;

    private static final class Arrival {
        final AtomicInteger received = new AtomicInteger();
        final CompletableFuture<Integer> everywhere = new CompletableFuture<>();
    }

    private final int receivers;
    private final Map<Long, Arrival> arrivals = new ConcurrentHashMap<>();
    private final CompletableFuture<Integer> failed = new CompletableFuture<>();

    FeedArrivals(int receivers) {
        this.receivers = receivers;
    }

    /** A receiver has got message number {@code n}. */
    void arrived(long n) {
        Arrival arrival = arrival(n);
        if (arrival.received.incrementAndGet() == receivers) {
            arrival.everywhere.complete(receivers);
        }
    }

    /** A receiver has failed; so does whoever awaits a message from now on. */
    void fail(Throwable failure) {
        failed.completeExceptionally(failure);
    }

    /**
     * Waits until all receivers have got a message.
     *
     * @return how many have
     */
    int await(long n) throws Exception {
        try {
            CompletableFuture.anyOf(arrival(n).everywhere, failed).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return receivers;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new IOException(
                    arrival(n).received + " of " + receivers + " receivers have got message " + n + " in "
                            + PATIENCE_SECONDS + " s",
                    e);
        } finally {
            arrivals.remove(n);
        }
    }

    private Arrival arrival(long n) {
        return arrivals.computeIfAbsent(n, unused -> new Arrival());
    }
}
