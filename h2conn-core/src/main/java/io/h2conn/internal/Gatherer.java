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
 * <p>The number of connections held at a time is small: releasing one costs up to a system call, and with more of them
 * the last would wait for the others' system calls. A connection that finds no place sends at once.
 */
final class Gatherer {
    private static final Logger LOG = LoggerFactory.getLogger(Gatherer.class);

    static final Gatherer SHARED = new Gatherer();

    /** With the operating system's timer slack, also about 50 microseconds, this makes about 100. */
    private static final long HOLD_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static final int MAX_HELD = 8;
    private static final long IDLE_SECONDS = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private List<Engine> held = new ArrayList<>(MAX_HELD);
    private @Nullable Thread thread;

    /**
     * Promises to call {@link Engine#onGathererDone} soon. Called with the engine's lock held; takes none but its own,
     * for a moment.
     *
     * @return {@code false} if too many connections gather at this moment
     */
    boolean hold(Engine engine) {
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
            held.add(engine);
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
        List<Engine> due = new ArrayList<>(MAX_HELD);
        while (awaitHeld()) {
            LockSupport.parkNanos(this, HOLD_NANOS);
            lock.lock();
            try {
                List<Engine> now = held;
                held = due;
                due = now;
            } finally {
                lock.unlock();
            }
            due.forEach(Gatherer::release);
            due.clear();
        }
    }

    private static void release(Engine engine) {
        try {
            engine.onGathererDone();
        } catch (Throwable t) {
            // One connection's trouble: without this thread what all others hold back would never leave.
            LOG.error("{}: sending what was gathered failed", engine.id(), t);
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
