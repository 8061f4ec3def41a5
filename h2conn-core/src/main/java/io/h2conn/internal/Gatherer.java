package io.h2conn.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what bursts of small writes have gathered, when its time is up. One daemon thread for the process, which ends
 * when nothing has been gathered for a while.
 *
 * <p>The number of connections and sessions held at a time is small: releasing one costs up to a system call, and with more
 * of them the last would wait for the others' system calls. One that finds no place sends at once.
 */
public final class Gatherer {
    private static final Logger LOG = LoggerFactory.getLogger(Gatherer.class);

    /** The one of this process. */
    public static final Gatherer SHARED = new Gatherer();

    /** With the operating system's timer slack, also about 50 microseconds, this makes about 100. */
    private static final long HOLD_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static final int MAX_HELD = 8;
    private static final long IDLE_SECONDS = 10;

    /** What holds something back. */
    public interface Held {
        /** Lets it go. Called once for each promise, on the gatherer's thread. */
        void onGathererDone();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private List<Held> held = new ArrayList<>(MAX_HELD);
    private @Nullable Thread thread;

    /**
     * Promises to call {@link Held#onGathererDone} soon. May be called with the caller's lock held; takes none but its own,
     * for a moment.
     *
     * @param holder what gathers; it must not ask again before it was called
     * @return {@code false} if too many gather at this moment
     */
    public boolean hold(Held holder) {
        lock.lock();
        try {
            if (held.size() >= MAX_HELD) {
                return false;
            }
            if (thread == null) {
                Thread fresh = new Thread(this::run, Threads.PREFIX + "gatherer");
                fresh.setDaemon(true);
                fresh.start();
                thread = fresh;
            }
            held.add(holder);
            if (held.size() == 1) {
                wanted.signal();
            }
            return true;
        } catch (OutOfMemoryError e) {
            // No thread to be had: gathering is a luxury, sending is not.
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        List<Held> due = new ArrayList<>(MAX_HELD);
        while (awaitHeld()) {
            LockSupport.parkNanos(this, HOLD_NANOS);
            lock.lock();
            try {
                List<Held> now = held;
                held = due;
                due = now;
            } finally {
                lock.unlock();
            }
            due.forEach(Gatherer::release);
            due.clear();
        }
    }

    private static void release(Held holder) {
        try {
            holder.onGathererDone();
        } catch (Throwable t) {
            // One connection's trouble: without this thread what all others hold back would never leave.
            LOG.error("{}: sending what was gathered failed", holder, t);
        }
    }

    private boolean awaitHeld() {
        lock.lock();
        try {
            while (held.isEmpty()) {
                if (!wanted.await(IDLE_SECONDS, TimeUnit.SECONDS) && held.isEmpty()) {
                    thread = null;
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            // Nobody owns this thread but this class, which never interrupts it: serve what is held and go on.
            return true;
        } finally {
            lock.unlock();
        }
    }
}
