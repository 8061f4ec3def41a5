package io.h2conn.jetty;

import io.h2conn.internal.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.util.thread.Invocable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes who waits for much data when all of it that is there has been parsed, instead of once for each piece: bulk data
 * comes in pieces of what one read, or one TLS record, has brought, and a thread that is woken for each of them sleeps
 * again in between.
 *
 * <p>Where the end point says that it has run dry, that is the moment; with any other one, it is when Jetty has parsed what
 * one read has brought.
 */
final class Arrivals {
    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

    /** Nanoseconds. What has arrived does not wait longer while a callback for other input takes its time. */
    private static final long MAX_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final HTTP2Session session;
    private final boolean saysWhenDry;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private List<Engine> waiting = new ArrayList<>(2);
    /** Since when the first of them waits, or 0. */
    private volatile long since;

    Arrivals(HTTP2Session session) {
        this.session = session;
        SparingEndPoint sparing = SparingEndPoint.of(session.getEndPoint());
        saysWhenDry = sparing != null;
        if (sparing != null) {
            sparing.onDry(this::announce);
        }
    }

    /** An engine has data, and has not woken anybody for it. Called on the thread that parses. */
    void announceLater(Engine engine) {
        boolean first;
        lock.lock();
        try {
            first = waiting.isEmpty();
            waiting.add(engine);
            if (first) {
                since = System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
        if (first && !saysWhenDry) {
            afterInput(session, this::announce);
        } else if (session.isDisconnected()) {
            announce(); // nothing may be parsed any more
        }
    }

    /**
     * Runs a task when Jetty has parsed what one read has brought, on the thread that parses; or here and now, perhaps
     * besides, if that may never come, because the connection is closed.
     */
    static void afterInput(HTTP2Session session, Runnable task) {
        if (session.getEndPoint().getConnection() instanceof HTTP2Connection connection) {
            connection.offerTask(Invocable.from(Invocable.InvocationType.NON_BLOCKING, task), false);
            if (!session.isDisconnected()) {
                return;
            }
        }
        task.run();
    }

    void announceIfOld() {
        long oldest = since;
        if (oldest != 0 && System.nanoTime() - oldest > MAX_NANOS) {
            announce();
        }
    }

    /** Safe for any thread. */
    void announce() {
        if (since == 0) {
            return;
        }
        List<Engine> due;
        lock.lock();
        try {
            due = waiting;
            waiting = new ArrayList<>(2);
            since = 0;
        } finally {
            lock.unlock();
        }
        for (Engine engine : due) {
            try {
                engine.onPause();
            } catch (Throwable t) {
                // One connection's trouble: nobody else wakes who waits on the others, nor asks for more input.
                LOG.error("{}: waking who waits for input failed", engine.id(), t);
            }
        }
    }
}
