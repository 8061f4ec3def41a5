package io.h2conn.internal;

import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A condition that knows who waits for it, and since when: the clock is read by a thread that is about to sleep, which costs it
 * nothing that counts, and nothing is allocated for a wait. Guarded by the engine's lock.
 */
final class WaitPoint {
    private final Condition condition;
    private Thread[] threads = new Thread[1];
    private long[] since = new long[1];
    private int count;

    WaitPoint(Condition condition) {
        this.condition = condition;
    }

    void signal() {
        condition.signal();
    }

    void signalAll() {
        condition.signalAll();
    }

    /** Waits for a signal, a while, or an interrupt. */
    @SuppressWarnings({"WaitNotInLoop", "ReturnValueIgnored"}) // the callers loop, and look at the clock themselves
    void await(long nanos) throws InterruptedException {
        enter();
        try {
            if (nanos == Deadline.NONE) {
                condition.await();
            } else {
                condition.awaitNanos(nanos);
            }
        } finally {
            leave();
        }
    }

    /** Notes that this thread waits, here or elsewhere. */
    void enter() {
        if (count == threads.length) {
            threads = Arrays.copyOf(threads, 2 * count);
            since = Arrays.copyOf(since, 2 * count);
        }
        threads[count] = Thread.currentThread();
        since[count] = System.nanoTime();
        count++;
    }

    @SuppressWarnings("NullAway") // a place that is not in use
    void leave() {
        int place = 0;
        while (!Thread.currentThread().equals(threads[place])) {
            place++;
        }
        count--;
        threads[place] = threads[count];
        since[place] = since[count];
        threads[count] = null;
    }

    /** Writes down who waits, if anybody ever has. */
    static void describe(@Nullable WaitPoint point, String call, long now, Consumer<String> lines) {
        for (int i = 0; point != null && i < point.count; i++) {
            lines.accept(name(point.threads[i]) + " in " + call + " for " + Durations.passed(now - point.since[i]));
        }
    }

    static String name(Thread thread) {
        return thread.getName().isEmpty() ? thread.toString() : "thread \"" + thread.getName() + "\"";
    }
}
