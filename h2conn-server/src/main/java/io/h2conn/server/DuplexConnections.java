package io.h2conn.server;

import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Threads;
import io.h2conn.jetty.Dump;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.component.Dumpable;
import org.eclipse.jetty.util.component.Graceful;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections of one Jetty {@link Server}, whatever handler has accepted them, for what concerns them together: how many
 * there are, and their end. Safe for any thread.
 *
 * <p>When Jetty itself is stopped with a stop timeout, it drains them: they are told, new ones are refused, and what is still
 * open shortly before that timeout is reset. Call {@link #of} before the server starts, or {@link DuplexConnector#configure},
 * which does, so that Jetty knows of them.
 */
public final class DuplexConnections {
    private static final Logger LOG = LoggerFactory.getLogger(DuplexConnections.class);

    private static final String ATTRIBUTE = DuplexConnections.class.getName();

    /** For writing out the resets of connections that did not end in time. */
    private static final Duration RESETS_WRITTEN = Duration.ofMillis(250);

    private final Server server;
    private final Set<Engine> open = ConcurrentHashMap.newKeySet();
    private final Gatekeeper gatekeeper;
    private volatile boolean draining;

    private DuplexConnections(Server server) {
        this.server = server;
        this.gatekeeper = new Gatekeeper(server, open);
    }

    /**
     * The connections of a server.
     *
     * @param server any Jetty server
     * @return the same object every time
     */
    public static DuplexConnections of(Server server) {
        DuplexConnections known = (DuplexConnections) server.getAttribute(ATTRIBUTE);
        return known != null ? known : make(server);
    }

    private static synchronized DuplexConnections make(Server server) {
        DuplexConnections made = (DuplexConnections) server.getAttribute(ATTRIBUTE);
        if (made == null) {
            made = new DuplexConnections(server);
            server.addBean(new GracefulStop(made));
            server.setAttribute(ATTRIBUTE, made);
        }
        return made;
    }

    /**
     * How many connections there are: accepted, and their streams not yet gone.
     *
     * @return connections
     */
    public int count() {
        return open.size();
    }

    /**
     * Sets what the server takes on at most. Best called before it starts: what is there already stays.
     *
     * @param limits replace those from before, at first {@link ServerLimits#defaults}
     */
    public void limits(ServerLimits limits) {
        gatekeeper.limits(Objects.requireNonNull(limits, "limits"));
    }

    /**
     * What the server takes on at most.
     *
     * @return the limits
     */
    public ServerLimits limits() {
        return gatekeeper.limits();
    }

    Gatekeeper gatekeeper() {
        return gatekeeper;
    }

    /**
     * Whether {@link #drain} was called, or Jetty stops.
     *
     * @return {@code true} from then on
     */
    public boolean isDraining() {
        return draining;
    }

    /**
     * Drains: from now on every new connection is refused with REFUSED_STREAM (RFC 9113, section 8.7), from which clients know
     * that it is safe to send the request elsewhere; each open one is told ({@link io.h2conn.DuplexConnection#draining}), and
     * so is its peer, by GOAWAY; then the call waits until all have ended, and resets with CANCEL what has not by the limit.
     * Jetty's connectors go on listening, and other requests are served as before. There is no way back, short of starting the
     * server anew.
     *
     * @param limit zero or more
     * @return whether all connections ended by themselves
     * @throws InterruptedException if the thread is interrupted; what is open then is reset, and the drain stays in force
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public boolean drain(Duration limit) throws InterruptedException {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("the limit of a drain must not be negative but was " + limit);
        }
        announceEnd();
        sendGoAway();
        return end(connection -> true, limit);
    }

    /**
     * Describes these connections for people: each session with its addresses, TLS, age, windows and round-trip time, and under it each
     * connection: its state, who waits for what and for how long, windows, bytes that wait, and, if it is stalled, the cause. Holds
     * no secrets: no headers, and no query. Costs about what a log line for each connection does.
     *
     * @return lines; of more than 100 connections, the stalled ones first, and the rest counted
     */
    public String dump() {
        return dump(Dump.MOST);
    }

    /**
     * As {@link #dump()}, of more or fewer connections.
     *
     * @param most how many connections, and how many sessions, are shown
     * @return lines; stalled connections first, and what is not shown counted
     * @throws IllegalArgumentException if {@code most} is negative
     */
    public String dump(int most) {
        return dump("DuplexConnections" + (draining ? ", draining" : ""), most);
    }

    String dump(String title, int most) {
        return Dump.of(title, open, sessions(), most);
    }

    private List<HTTP2Session> sessions() {
        List<HTTP2Session> sessions = new ArrayList<>();
        for (SessionContainer container : sessionContainers()) {
            container.getSessions().forEach(session -> sessions.add((HTTP2Session) session));
        }
        return sessions;
    }

    private List<SessionContainer> sessionContainers() {
        List<SessionContainer> containers = new ArrayList<>();
        for (Connector connector : server.getConnectors()) {
            for (AbstractHTTP2ServerConnectionFactory factory : DuplexConnector.http2Factories(connector)) {
                SessionContainer sessions = factory.getBean(SessionContainer.class);
                if (sessions != null) {
                    containers.add(sessions);
                }
            }
        }
        return containers;
    }

    /** Refuses new connections from now on, and tells the open ones. */
    void announceEnd() {
        draining = true;
        open.forEach(Engine::onDraining);
    }

    /** Tells the peers: open streams go on, new ones go elsewhere. */
    void sendGoAway() {
        for (SessionContainer sessions : sessionContainers()) {
            CompletableFuture<?> unused = sessions.shutdown();
        }
    }

    /**
     * Waits for connections to end, and resets what has not.
     *
     * @param worthWaiting which ones are waited for
     * @param limit how long
     * @return whether those all ended by themselves
     */
    boolean end(Predicate<Engine> worthWaiting, Duration limit) throws InterruptedException {
        boolean inTime = false;
        try {
            inTime = awaitNone(worthWaiting, limit);
        } finally {
            abortAll();
        }
        awaitNone(connection -> true, RESETS_WRITTEN);
        return inTime;
    }

    void add(Engine connection) {
        open.add(connection);
        if (draining) {
            connection.onDraining(); // which may have begun since it was admitted
        }
    }

    void remove(Engine connection) {
        open.remove(connection);
        synchronized (this) {
            notifyAll();
        }
    }

    void abortAll() {
        open.forEach(connection -> connection.abort(ErrorCode.CANCEL));
    }

    private synchronized boolean awaitNone(Predicate<Engine> matters, Duration limit) throws InterruptedException {
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

    @Override
    public String toString() {
        return "DuplexConnections[" + count() + " open" + (draining ? ", draining" : "") + "]";
    }

    /** Jetty's own stop, as a drain, and a part of its dump. A class of its own, so that Jetty's interfaces are not public here. */
    private static final class GracefulStop extends AbstractLifeCycle implements Graceful, Dumpable {
        private final DuplexConnections connections;
        private @Nullable CompletableFuture<Void> stopping;

        GracefulStop(DuplexConnections connections) {
            this.connections = connections;
        }

        /** The server starts, perhaps again. */
        @Override
        protected synchronized void doStart() {
            stopping = null;
            connections.draining = false;
        }

        @Override
        public synchronized CompletableFuture<Void> shutdown() {
            CompletableFuture<Void> done = stopping;
            if (done == null) {
                done = new CompletableFuture<>();
                stopping = done;
                connections.announceEnd();
                // Jetty gives up at its stop timeout, and then simply closes the TCP connections.
                Duration left =
                        Duration.ofMillis(connections.server.getStopTimeout()).minus(RESETS_WRITTEN.multipliedBy(2));
                Duration limit = left.isNegative() ? Duration.ZERO : left;
                CompletableFuture<Void> waiting = done;
                Threads.executor().execute(() -> await(limit, waiting));
            }
            return done;
        }

        private void await(Duration limit, CompletableFuture<Void> done) {
            try {
                if (!connections.end(connection -> true, limit)) {
                    LOG.info("the server stops with connections that have not ended; they were reset");
                }
            } catch (InterruptedException e) {
                LOG.debug("nobody interrupts this thread", e);
            } finally {
                done.complete(null);
            }
        }

        @Override
        public void dump(Appendable out, String indent) throws IOException {
            Dumpable.dumpObject(out, connections);
            for (String line : connections.dump().lines().toList()) {
                out.append(indent).append(line).append(System.lineSeparator());
            }
        }

        @Override
        public boolean isShutdown() {
            return connections.isDraining();
        }
    }
}
