package io.h2conn.reliability;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Notices what takes far longer than it may. */
final class Watchdog {
    private static final long INTERVAL_MILLIS = 500;
    private static final int DUMPS = 3;

    private final Consumer<String> findings;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final AtomicInteger dumps = new AtomicInteger();

    /**
     * Starts its thread.
     *
     * @param findings is told of each overrun; the stacks of all threads are printed as errors, the first few times
     */
    Watchdog(Consumer<String> findings) {
        this.findings = findings;
        Thread thread = new Thread(this::run, "soak-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    /** Something that should be over soon. */
    final class Watch {
        private final String what;
        private final long started = System.nanoTime();
        private final long bound;
        private final Runnable remedy;

        private Watch(String what, Duration bound, Runnable remedy) {
            this.what = what;
            this.bound = bound.toNanos();
            this.remedy = remedy;
        }

        /** It is over. */
        void over() {
            watches.remove(this);
        }
    }

    Watch watch(String what, Duration bound) {
        return watch(what, bound, () -> {});
    }

    /**
     * Begins to watch.
     *
     * @param what is in the finding
     * @param bound when to report it
     * @param remedy runs after the report, so that the run can go on
     * @return to be told when it is over
     */
    Watch watch(String what, Duration bound, Runnable remedy) {
        Watch watch = new Watch(what, bound, remedy);
        watches.add(watch);
        return watch;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL_MILLIS);
                long now = System.nanoTime();
                for (Watch watch : List.copyOf(watches)) {
                    if (now - watch.started > watch.bound && watches.remove(watch)) {
                        report(watch);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        }
    }

    private void report(Watch watch) {
        if (dumps.incrementAndGet() <= DUMPS) {
            System.err.println("threads when this had not ended: " + watch.what);
            for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
                System.err.print(describe(thread));
            }
        }
        findings.accept("hangs: " + watch.what + " has not ended for "
                + Duration.ofNanos(watch.bound).toSeconds() + " s");
        watch.remedy.run();
    }

    /** All frames, where {@link ThreadInfo#toString} has eight. */
    private static String describe(ThreadInfo thread) {
        StringBuilder text = new StringBuilder("\"")
                .append(thread.getThreadName())
                .append("\" ")
                .append(thread.getThreadState());
        if (thread.getLockName() != null) {
            text.append(" on ").append(thread.getLockName());
        }
        if (thread.getLockOwnerName() != null) {
            text.append(" of ").append(thread.getLockOwnerName());
        }
        text.append('\n');
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("    at ").append(frame).append('\n');
        }
        return text.append('\n').toString();
    }
}
