package io.h2conn.benchmarks.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** Does operations again and again for some time, in a thread for each. */
final class Repetition {
    private static final int SHARED_BY = 16;

    private Repetition() {}

    /** What a thread repeats. */
    @FunctionalInterface
    interface Operation {
        void run() throws Exception;
    }

    /**
     * Repeats them. The clock starts when all threads are ready; each does at least one, and ends with the one during
     * which the time is up.
     *
     * @param operations one for each thread
     * @param nanos how long
     * @return how many were done in all, until when, and how long each took
     * @throws Exception of an operation that failed
     */
    static Outcome of(List<? extends Operation> operations, long nanos) throws Exception {
        Latencies latencies = new Latencies(operations.size());
        CountDownLatch ready = new CountDownLatch(operations.size());
        CompletableFuture<Long> started = new CompletableFuture<>();
        ExecutorService threads = Executors.newFixedThreadPool(operations.size());
        try {
            List<Future<Long>> ends = new ArrayList<>();
            for (int i = 0; i < operations.size(); i++) {
                Operation operation = operations.get(i);
                int recorder = i;
                ends.add(threads.submit(() -> {
                    ready.countDown();
                    return repeat(operation, started.get() + nanos, latencies, recorder);
                }));
            }
            ready.await();
            long start = System.nanoTime();
            started.complete(start);
            long longest =
                    all(ends).stream().mapToLong(end -> end - start).max().orElse(0);
            Histogram merged = latencies.merged();
            return new Outcome(merged.getTotalCount(), longest, merged);
        } finally {
            threads.shutdownNow();
        }
    }

    private static long repeat(Operation operation, long end, Latencies latencies, int recorder) throws Exception {
        long before = System.nanoTime();
        do {
            operation.run();
            long now = System.nanoTime();
            latencies.record(recorder, now - before);
            before = now;
        } while (before - end < 0);
        return before;
    }

    /** Does an operation so many times, {@value #SHARED_BY} at a time. All peers open their connections like this. */
    static void share(int count, Operation operation) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(SHARED_BY);
        try {
            List<Future<Boolean>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(executor.submit(() -> {
                    operation.run();
                    return true;
                }));
            }
            all(futures);
        } finally {
            executor.shutdownNow();
        }
    }

    private static <T> List<T> all(List<Future<T>> futures) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
        return results;
    }
}
