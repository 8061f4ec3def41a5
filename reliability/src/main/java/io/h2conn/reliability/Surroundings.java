package io.h2conn.reliability;

import java.io.PrintStream;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What all connections of one process share: threads of the soak's own, the watchdog, and the way to the driver. */
final class Surroundings {
    private static final long IDLE_SECONDS = 5;

    private final ExecutorService executor = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), threads("soak-worker"));
    private final ScheduledExecutorService scheduler =
            Executors.newSingleThreadScheduledExecutor(threads("soak-scheduler"));
    private final PrintStream output;
    private final Watchdog watchdog;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * Begins.
     *
     * @param output takes the lines for the driver
     */
    Surroundings(PrintStream output) {
        this.output = output;
        this.watchdog = new Watchdog(this::find);
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            thrown.printStackTrace();
            find("thread " + thread.getName() + " died of " + thrown);
        });
    }

    private static ThreadFactory threads(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Connections whose entry is not in the journal yet. */
    AtomicInteger open() {
        return open;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    /** Runs something that may block. */
    void execute(Runnable task) {
        executor.execute(task);
    }

    /** Runs something that may block, later. */
    void executeLater(Runnable task, long millis) {
        if (millis <= 0) {
            execute(task);
        } else {
            var unused = scheduler.schedule(() -> execute(task), millis, TimeUnit.MILLISECONDS);
        }
    }

    void journal(Entry entry) {
        say("entry", entry.format());
    }

    /** Tells of something that must not happen, and belongs to no connection. */
    void find(String finding) {
        say("finding", finding.replaceAll("\\p{Cntrl}+", " "));
    }

    void say(String word, @Nullable Object rest) {
        String line = rest == null ? word : word + " " + rest;
        synchronized (output) {
            output.println(line);
        }
    }
}
