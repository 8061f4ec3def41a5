package io.h2conn.client;

import io.h2conn.ConnectionClosedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that take new connections, by origin, and who waits for a place on one.
 *
 * <p>One lock guards the pool and the state of its sessions; what a method decides under it, it does after unlocking,
 * so that whatever is called may call back. A session leaves the pool when it is lost or drained, or was idle; those
 * that still carry connections live on outside it, and do not count.
 */
final class SessionPool {
    /** Somebody who wants a place for one connection. Called without the lock, on any thread; must not block. */
    interface Taker {
        /** Has a place, and gives it back by {@link SessionPool#release}. */
        void onPlace(PooledSession session);

        /** Gets none: no session could be opened, or, with {@code null}, none is free for a retry. */
        void onNoPlace(@Nullable OpenFailure failure);

        /** How long it is willing to wait in all. */
        Duration patience();

        /**
         * For a retry, the sessions that did not take this connection. A retry takes another at once or none at all.
         */
        Collection<PooledSession> avoided();
    }

    /** Makes sessions. */
    @FunctionalInterface
    interface Opener {
        /**
         * Makes a session that is not yet open.
         *
         * @param patience of the most patient of those who wait for it
         */
        PooledSession create(WebOrigin origin, SessionPool pool, Duration patience);
    }

    private final Opener opener;
    private final int maxSessions;
    private final int maxConnections;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<WebOrigin, OriginSessions> groups = new HashMap<>();
    private boolean closed;

    /**
     * Makes an empty pool.
     *
     * @param opener makes sessions that are not yet open
     * @param maxSessions how many sessions an origin may have in the pool
     * @param maxConnections how many connections a session carries, if its server does not say less
     */
    SessionPool(Opener opener, int maxSessions, int maxConnections) {
        this.opener = opener;
        this.maxSessions = maxSessions;
        this.maxConnections = maxConnections;
    }

    /** Gives the taker a place, now or when there is one. */
    void take(WebOrigin origin, Taker taker) {
        act(actions -> {
            if (closed) {
                actions.add(() -> taker.onNoPlace(SessionPool::clientClosed));
                return;
            }
            OriginSessions group = groups.computeIfAbsent(origin, OriginSessions::new);
            group.takers.add(taker);
            serve(group, actions);
        });
    }

    /** The taker no longer wants a place. Sessions that nobody else waits for are not opened after all. */
    void forget(WebOrigin origin, Taker taker) {
        act(actions -> {
            OriginSessions group = groups.get(origin);
            if (group == null || !group.takers.remove(taker) || !group.takers.isEmpty()) {
                return;
            }
            group.sessions.removeIf(session -> {
                boolean unwanted = session.isOpening();
                if (unwanted) {
                    session.retire();
                    closeIfUnused(session, actions);
                }
                return unwanted;
            });
            tidy(group);
        });
    }

    /** A place is free again. */
    void release(PooledSession session) {
        act(actions -> {
            session.removeLease();
            if (session.isRetired()) {
                closeIfUnused(session, actions);
                return;
            }
            OriginSessions group = groups.get(session.origin());
            if (group != null && !group.takers.isEmpty()) {
                serve(group, actions);
            }
        });
    }

    /** SETTINGS have arrived: the first make the session usable, and any may change how many streams it carries. */
    void onSettings(PooledSession session, int peerLimit) {
        act(actions -> {
            session.setCapacity(peerLimit < 0 ? maxConnections : Math.min(peerLimit, maxConnections));
            OriginSessions group = groups.get(session.origin());
            if (group != null && !session.isRetired()) {
                serve(group, actions);
            }
        });
    }

    /**
     * The session takes no new connections: it could not be opened, was lost, or its server drains it.
     *
     * @param failure for those who wait, if it was still being opened
     */
    void onGone(PooledSession session, OpenFailure failure) {
        act(actions -> {
            if (session.isRetired()) {
                return;
            }
            boolean neverOpened = session.isOpening();
            session.retire();
            closeIfUnused(session, actions);
            OriginSessions group = groups.get(session.origin());
            if (group == null || !group.sessions.remove(session)) {
                return;
            }
            if (!neverOpened) {
                serve(group, actions);
            } else if (group.opening() == 0) {
                // While another is being opened, it may yet serve those who wait, and its failure will be theirs.
                group.takers.forEach(taker -> actions.add(() -> taker.onNoPlace(failure)));
                group.takers.clear();
            }
            tidy(group);
        });
    }

    /** Retires the session if it has carried no connection for as long. */
    boolean retireIfIdle(PooledSession session, long idleNanos) {
        lock.lock();
        try {
            if (session.isRetired() || !session.isIdle(idleNanos)) {
                return false;
            }
            session.retire();
            OriginSessions group = groups.get(session.origin());
            if (group != null) {
                group.sessions.remove(session);
                tidy(group);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Those in the pool, and those that are being opened. */
    List<PooledSession> sessions() {
        List<PooledSession> all = new ArrayList<>();
        lock.lock();
        try {
            groups.values().forEach(group -> all.addAll(group.sessions));
        } finally {
            lock.unlock();
        }
        return all;
    }

    /** What a taker without a place waits for, to complete a sentence that says that it took too long. */
    String describeWait(WebOrigin origin) {
        lock.lock();
        try {
            OriginSessions group = groups.get(origin);
            if (group == null || group.sessions.isEmpty()) {
                return "there was no session";
            }
            for (PooledSession session : group.sessions) {
                if (session.isOpening()) {
                    return session.progress();
                }
            }
            return "all " + group.sessions.size() + " sessions to it are full: raise maxSessionsPerOrigin, which is "
                    + maxSessions + ", or close connections";
        } finally {
            lock.unlock();
        }
    }

    /** Turns everybody away. Sessions without connections are closed, the others when their last connection ends. */
    void close() {
        act(actions -> {
            closed = true;
            for (OriginSessions group : groups.values()) {
                group.takers.forEach(taker -> actions.add(() -> taker.onNoPlace(SessionPool::clientClosed)));
                for (PooledSession session : group.sessions) {
                    session.retire();
                    closeIfUnused(session, actions);
                }
            }
            groups.clear();
        });
    }

    /** As {@link #close}, and tells the servers of sessions that still have connections. */
    void drain() {
        act(actions -> groups.values().stream()
                .flatMap(group -> group.sessions.stream())
                .filter(session -> session.leases() > 0)
                .forEach(session -> actions.add(session::announceEnd)));
        close();
    }

    static ConnectionClosedException clientClosed(String target) {
        return new ConnectionClosedException(
                "cannot connect for " + target + ": this DuplexClient is closed, or drains");
    }

    /** Gives places to those who came first, and has sessions opened for the rest. */
    private void serve(OriginSessions group, List<Runnable> actions) {
        Iterator<Taker> takers = group.takers.iterator();
        while (takers.hasNext()) {
            Taker taker = takers.next();
            PooledSession session = group.place(taker.avoided());
            if (session != null) {
                takers.remove();
                session.addLease();
                actions.add(() -> taker.onPlace(session));
            } else if (taker.avoided().isEmpty()) {
                break; // nor is there one for those behind
            }
        }
        openMore(group, actions);
    }

    private void openMore(OriginSessions group, List<Runnable> actions) {
        int opening = group.opening();
        int expected = group.expectedCapacity(maxConnections);
        while (group.takers.size() > (long) opening * expected && group.sessions.size() < maxSessions) {
            PooledSession session = opener.create(group.origin, this, group.patience());
            group.sessions.add(session);
            actions.add(session::open);
            opening++;
        }
        if (opening == 0) {
            group.takers.removeIf(taker -> {
                boolean retry = !taker.avoided().isEmpty();
                if (retry) {
                    actions.add(() -> taker.onNoPlace(null));
                }
                return retry;
            });
        }
    }

    private static void closeIfUnused(PooledSession session, List<Runnable> actions) {
        if (session.leases() == 0) {
            actions.add(session::close);
        }
    }

    private void tidy(OriginSessions group) {
        if (group.isEmpty()) {
            groups.remove(group.origin);
        }
    }

    private void act(Consumer<List<Runnable>> decision) {
        List<Runnable> actions = new ArrayList<>(2);
        lock.lock();
        try {
            decision.accept(actions);
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }
}
