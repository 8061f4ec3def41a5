package io.h2conn.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of a {@link SessionPool} for one origin. Guarded by the pool's lock. */
final class OriginSessions {
    final WebOrigin origin;
    final ArrayDeque<SessionPool.Taker> takers = new ArrayDeque<>();
    final List<PooledSession> sessions = new ArrayList<>(1);

    OriginSessions(WebOrigin origin) {
        this.origin = origin;
    }

    boolean isEmpty() {
        return takers.isEmpty() && sessions.isEmpty();
    }

    /** How many sessions are being opened. */
    int opening() {
        int count = 0;
        for (PooledSession session : sessions) {
            count += session.isOpening() ? 1 : 0;
        }
        return count;
    }

    /** The first session with room, so that few are used. */
    @Nullable
    PooledSession place(Collection<PooledSession> avoided) {
        for (PooledSession session : sessions) {
            if (session.hasRoom() && !avoided.contains(session)) {
                return session;
            }
        }
        return null;
    }

    /** How long the most patient taker is willing to wait. */
    Duration patience() {
        Duration most = Duration.ZERO;
        for (SessionPool.Taker taker : takers) {
            most = most.compareTo(taker.patience()) < 0 ? taker.patience() : most;
        }
        return most;
    }

    /** How many connections a session that is being opened will carry: as many as another one to the same server. */
    int expectedCapacity(int otherwise) {
        for (PooledSession session : sessions) {
            if (!session.isOpening() && session.capacity() > 0) {
                return session.capacity();
            }
        }
        return otherwise;
    }
}
