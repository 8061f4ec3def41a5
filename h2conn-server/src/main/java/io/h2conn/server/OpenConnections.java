package io.h2conn.server;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;

/** The connections of an embedded server whose streams still exist, so that it can close in order. */
final class OpenConnections {
    private static final String ATTRIBUTE = OpenConnections.class.getName();

    private final Set<DuplexConnection> open = ConcurrentHashMap.newKeySet();

    /** The connections of a server, or {@code null} if it is not one of ours. */
    static @Nullable OpenConnections of(Server server) {
        return (OpenConnections) server.getAttribute(ATTRIBUTE);
    }

    void addTo(Server server) {
        server.setAttribute(ATTRIBUTE, this);
    }

    void add(DuplexConnection connection) {
        open.add(connection);
    }

    void remove(DuplexConnection connection) {
        open.remove(connection);
        synchronized (this) {
            notifyAll();
        }
    }

    int count() {
        return open.size();
    }

    void abortAll(ErrorCode code) {
        open.forEach(connection -> connection.abort(code));
    }

    /**
     * Waits until no connection is left that matters.
     *
     * @param matters which ones to wait for
     * @return {@code false} if there are some left at the limit
     */
    synchronized boolean awaitNone(Predicate<DuplexConnection> matters, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (open.stream().anyMatch(matters)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }
}
