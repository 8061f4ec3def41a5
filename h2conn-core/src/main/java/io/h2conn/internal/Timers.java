package io.h2conn.internal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Timers, nearly all of which are cancelled soon after: a connect has ten seconds and takes a millisecond. One that is far
 * away first waits in a list, which is looked through ten times a second; only what is left then gets a timer. So most of
 * them cost an entry in a list, and not a wake-up of the timer's thread, which is more than all the rest of a short
 * connection.
 */
final class Timers {
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ScheduledThreadPoolExecutor timer;
    private final ConcurrentLinkedQueue<Entry> far = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean looking = new AtomicBoolean();

    Timers(ScheduledThreadPoolExecutor timer) {
        this.timer = timer;
    }

    /** Schedules a task. */
    Timer schedule(Runnable task, long delayNanos) {
        Entry entry = new Entry(task, System.nanoTime() + delayNanos);
        if (delayNanos < 2 * LOOK_EVERY_NANOS) {
            entry.start(delayNanos);
        } else {
            far.add(entry);
            lookLater();
        }
        return entry;
    }

    /** How many wait in the list, cancelled ones included. */
    int listed() {
        return far.size();
    }

    private void lookLater() {
        if (!looking.get() && looking.compareAndSet(false, true)) {
            boolean scheduled = false;
            try {
                ScheduledFuture<?> unused = timer.schedule(this::look, LOOK_EVERY_NANOS, TimeUnit.NANOSECONDS);
                scheduled = true;
            } finally {
                if (!scheduled) {
                    looking.set(false); // no memory for a thread, perhaps; the next one tries again
                }
            }
        }
    }

    private void look() {
        try {
            for (Entry entry = far.poll(); entry != null; entry = far.poll()) {
                if (entry.task != null) {
                    entry.start(entry.due - System.nanoTime());
                }
            }
        } finally {
            looking.set(false);
            if (!far.isEmpty()) {
                lookLater(); // added after the poll, by somebody who saw that this was under way
            }
        }
    }

    private final class Entry implements Timer, Runnable {
        private final long due;
        private volatile @Nullable Runnable task;
        private volatile @Nullable ScheduledFuture<?> scheduled;

        Entry(Runnable task, long due) {
            this.task = task;
            this.due = due;
        }

        void start(long delayNanos) {
            ScheduledFuture<?> started = timer.schedule(this, delayNanos, TimeUnit.NANOSECONDS);
            scheduled = started;
            if (task == null) {
                started.cancel(false); // whoever cancelled meanwhile did not see it
            }
        }

        @Override
        public void cancel() {
            task = null;
            ScheduledFuture<?> started = scheduled;
            if (started != null) {
                started.cancel(false);
            }
        }

        @Override
        public void run() {
            Runnable due = task;
            if (due != null) {
                due.run();
            }
        }
    }
}
