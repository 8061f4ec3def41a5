package io.h2conn.client;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.TlsException;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Threads;
import io.h2conn.jetty.Dump;
import io.h2conn.jetty.Liveness;
import io.h2conn.jetty.Reading;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to HTTP/2 servers.
 *
 * <pre>{@code
 * try (DuplexClient client = DuplexClient.create();
 *         DuplexConnection connection = client.connect("https://host/echo")) {
 *     connection.output().write("hello".getBytes(UTF_8));
 *     connection.closeOutput();
 *     System.out.println(new String(connection.input().readAllBytes(), UTF_8));
 * }
 * }</pre>
 *
 * <p>One client is enough for an application; it is safe for any thread. Connections to one origin (scheme, host and
 * port) share a TCP connection, a <em>session</em>, as far as the server and {@link Builder#maxConnectionsPerSession}
 * allow; when it is full, shut down by the server (GOAWAY) or lost, the next connect opens another, at most {@link
 * Builder#maxSessionsPerOrigin} of them. A request that a session's server has certainly not processed is sent again
 * on another session, at most twice, before anybody hears of it.
 *
 * <p><b>Failures</b> of a connect are {@link io.h2conn.ConnectionFailure}s that name the URI, without its query: {@link
 * io.h2conn.UnreachableException}, {@link io.h2conn.TlsException}, {@link io.h2conn.NotHttp2Exception} before any of
 * the body is sent, {@link io.h2conn.ConnectionRefusedException} with what the server answered if that is not 2xx,
 * {@link io.h2conn.ConnectionResetException} and {@link io.h2conn.ConnectionLostException} if the server ends the
 * stream or the session instead of an answer, and {@link io.h2conn.ConnectionTimeoutException}, which says what did
 * not happen in time.
 */
public final class DuplexClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DuplexClient.class);

    /** How long a client that closes waits for the last resets to be written. */
    private static final long LAST_RESETS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Duration connectTimeout;
    private final ConnectionOptions options;
    private final @Nullable Executor executor;
    private final Dialer dialer;
    private final Attempt.Shared shared;
    private final ReentrantLock closing = new ReentrantLock();
    private volatile boolean closed;
    private volatile boolean draining;

    private DuplexClient(Builder builder) {
        this.connectTimeout = builder.connectTimeout;
        this.options = builder.options;
        this.executor = builder.executor;
        this.dialer = new Dialer(
                builder.tls.toFactory(),
                builder.receiveWindow,
                new Dialer.Network(builder.resolver, builder.buffers, builder.reading));
        Duration idle = builder.idleTimeout;
        Liveness liveness = builder.liveness;
        SessionPool pool = new SessionPool(
                (origin, owner, patience) ->
                        new PooledSession(origin, owner, new PooledSession.Settings(patience, idle, liveness), dialer),
                builder.maxSessionsPerOrigin,
                builder.maxConnectionsPerSession);
        this.shared = new Attempt.Shared(pool, ConcurrentHashMap.newKeySet(), new LiveConnections());
    }

    /**
     * Makes a client that trusts the certificates that the JDK trusts, with the settings that suit most applications.
     *
     * @return a client, to be closed
     */
    public static DuplexClient create() {
        return builder().build();
    }

    /**
     * Begins a client with settings of its own.
     *
     * @return what takes the settings
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Uses other certificates, and other trust, for the TLS handshakes that begin after this returns. Open sessions, and the
     * connections on them, go on as they are, and new connections to the same origin may use them. Whether host names are
     * verified stays as it was set.
     *
     * @param context replaces what the builder was given
     * @throws TlsException if it cannot be used; then nothing has changed
     */
    public void reloadTls(SSLContext context) throws TlsException {
        dialer.reloadTls(Objects.requireNonNull(context, "context"));
    }

    /**
     * Connects by a POST without further headers. Otherwise as {@link #connect(ConnectRequest)}.
     *
     * @param uri as {@link ConnectRequest#to(URI)}
     * @return the connection
     * @throws IOException as {@link #connect(ConnectRequest)}
     * @throws IllegalArgumentException as {@link ConnectRequest#to(URI)}
     */
    public DuplexConnection connect(String uri) throws IOException {
        return connect(ConnectRequest.to(uri));
    }

    /**
     * Connects by a POST without further headers. Otherwise as {@link #connect(ConnectRequest)}.
     *
     * @param uri as {@link ConnectRequest#to(URI)}
     * @return the connection
     * @throws IOException as {@link #connect(ConnectRequest)}
     * @throws IllegalArgumentException as {@link ConnectRequest#to(URI)}
     */
    public DuplexConnection connect(URI uri) throws IOException {
        return connect(ConnectRequest.to(uri));
    }

    /**
     * Connects: waits until the server has answered with a 2xx status. Interim answers (1xx) are skipped. If that
     * answer already ended the stream, the connection's input is at its end.
     *
     * @param request what to connect to
     * @return the connection
     * @throws IOException any of the failures of the class description, within the request's timeout; no stream is left
     *     over
     * @throws ConnectionClosedException if this client is closed, before the call or during it
     * @throws InterruptedIOException if the thread is interrupted while it waits; the interrupt flag is kept, and no
     *     stream is left over
     */
    public DuplexConnection connect(ConnectRequest request) throws IOException {
        Attempt attempt = attempt(request, effective(request), true);
        attempt.begin();
        try {
            return attempt.result().get();
        } catch (InterruptedException e) {
            attempt.abandon();
            Thread.currentThread().interrupt(); // the caller owns the policy
            throw new InterruptedIOException("interrupted while connecting for " + attempt.target());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                failure.fillInStackTrace(); // it was made on the transport's thread, which tells the caller nothing
                throw failure;
            }
            throw new AssertionError("a connect failed with something that is not a failure", e);
        }
    }

    /**
     * Connects as {@link #connect(ConnectRequest)} does, without blocking.
     *
     * @param request what to connect to
     * @return completes with the connection, or with the failure that {@code connect} would throw. Dependents run on
     *     the connection's executor, or on the thread that serves the transport if {@link
     *     ConnectionOptions#nonBlockingCallbacks} was declared. Completing it otherwise, by {@code cancel} or a
     *     timeout of its own, gives up on the connection, and leaves no stream over
     */
    @SuppressWarnings("FutureReturnValueIgnored") // what these stages do is all that they are for
    public CompletableFuture<DuplexConnection> connectAsync(ConnectRequest request) {
        ConnectionOptions effective = effective(request);
        Attempt attempt = attempt(request, effective, true);
        CompletableFuture<DuplexConnection> promised = new CompletableFuture<>();
        promised.whenComplete((connection, failure) -> attempt.cancel());
        attempt.result().whenComplete((connection, failure) -> {
            Runnable delivery = () -> deliver(connection, failure, promised);
            if (effective.nonBlockingCallbacks()) {
                delivery.run();
            } else {
                Threads.execute(effective.executor(), delivery);
            }
        });
        attempt.begin();
        return promised;
    }

    private static void deliver(
            @Nullable DuplexConnection connection,
            @Nullable Throwable failure,
            CompletableFuture<DuplexConnection> promised) {
        if (connection == null) {
            promised.completeExceptionally(Objects.requireNonNull(failure));
        } else if (!promised.complete(connection)) {
            connection.abort(); // given up in the meantime
        }
    }

    /**
     * Connects without waiting for the answer, which saves a round trip: returns at once, before there is a stream
     * even. What is written meanwhile waits in the send buffer. Every failure to connect shows as the failure of the
     * connection, in its reads, writes and {@link DuplexConnection#closed()}; a refusal as {@link
     * io.h2conn.ConnectionRefusedException}. Where {@link io.h2conn.ConnectionFailure#retrySafe()} is true, the
     * server has not processed what was written; it is not sent again by itself.
     *
     * @param request what to connect to; its timeout limits how long it takes to send the request, not how long the
     *     server may take to answer
     * @return the connection, whose {@linkplain io.h2conn.ConnectionInfo#status() status} is 0 until there is an answer
     * @throws ConnectionClosedException if this client is closed
     */
    public DuplexConnection open(ConnectRequest request) throws ConnectionClosedException {
        if (closed || draining) {
            throw SessionPool.clientClosed(RequestTarget.describe(request));
        }
        Attempt attempt = attempt(request, effective(request), false);
        DuplexConnection connection = attempt.early();
        attempt.begin();
        return connection;
    }

    private Attempt attempt(ConnectRequest request, ConnectionOptions effective, boolean waits) {
        Duration limit = request.timeout();
        return new Attempt(shared, request, effective, limit == null ? connectTimeout : limit, waits);
    }

    private ConnectionOptions effective(ConnectRequest request) {
        ConnectionOptions own = request.options();
        ConnectionOptions chosen = own == null ? options : own;
        return chosen.executor() == null && executor != null ? chosen.executor(executor) : chosen;
    }

    /**
     * Ends the client's work in an orderly way: refuses new connects with {@link ConnectionClosedException}, tells each open
     * connection ({@link DuplexConnection#draining}) and its server, by GOAWAY, and waits until all have ended. What has not
     * ended by the limit is reset with CANCEL. {@link #close} is still to be called, and has little to do then. Blocks until it is
     * done.
     *
     * @param limit zero or more
     * @return whether all connections ended by themselves
     * @throws InterruptedException if the thread is interrupted; what is open then is reset
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public boolean drain(Duration limit) throws InterruptedException {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("the limit of a drain must not be negative but was " + limit);
        }
        draining = true;
        shared.connections().announceEnd();
        shared.pool().drain();
        try {
            shared.connections().drained().get(Limits.nanos(limit), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            LOG.debug("some connections did not end while the client drained", e);
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("this future never fails", e);
        } finally {
            shared.connections().forEach(exchange -> exchange.engine().abort());
        }
    }

    /**
     * Describes the client's connections for people: each session with its addresses, TLS, age, windows and round-trip time, and under it each
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
        List<Engine> engines = new ArrayList<>();
        shared.connections().forEach(exchange -> engines.add(exchange.engine()));
        List<HTTP2Session> sessions = new ArrayList<>();
        StringBuilder opening = new StringBuilder();
        for (PooledSession session : shared.pool().sessions()) {
            HTTP2Session open = session.openSession();
            if (open != null) {
                sessions.add(open);
            } else {
                opening.append("opening a session to ")
                        .append(session.origin())
                        .append(": ")
                        .append(session.progress())
                        .append('\n');
            }
        }
        return Dump.of(this + ", " + shared.attempts().size() + " connects under way", engines, sessions, most)
                + opening;
    }

    /**
     * Closes the client, its sessions and its threads. Connections that were closed but still linger are waited for, at
     * most their {@link ConnectionOptions#closeTimeout}; all others are reset with CANCEL, for which a second is
     * allowed, and connects that wait fail with {@link ConnectionClosedException}. If the thread is interrupted,
     * nothing is waited for, and the interrupt flag is kept. Closing again does nothing.
     */
    @Override
    public void close() {
        closing.lock();
        try {
            if (!closed) {
                closed = true;
                shared.pool().close();
                shared.attempts().forEach(attempt -> attempt.fail(SessionPool.clientClosed(attempt.target())));
                closeConnections();
                boolean interrupted = Thread.interrupted(); // Jetty would stop in disorder, and lose the flag
                dialer.stop();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        } finally {
            closing.unlock();
        }
    }

    private void closeConnections() {
        AtomicReference<Duration> limit = new AtomicReference<>(Duration.ZERO);
        shared.connections().forEach(exchange -> {
            if (exchange.engine().isOpen()) {
                exchange.engine().abort();
            } else {
                limit.accumulateAndGet(exchange.closeTimeout(), (a, b) -> a.compareTo(b) < 0 ? b : a);
            }
        });
        long nanos = Limits.nanos(limit.get()) + LAST_RESETS_NANOS;
        try {
            shared.connections().drained().get(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the rest is done without waiting
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("some connections did not end in time", e);
        }
        shared.connections().forEach(exchange -> exchange.engine().abort());
    }

    @Override
    public String toString() {
        return "DuplexClient[" + (closed ? "closed" : draining ? "draining" : "open") + "]";
    }

    /** Takes a client's settings. Not safe for threads. */
    public static final class Builder {
        private final TlsSettings tls = new TlsSettings();
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration idleTimeout = Duration.ofSeconds(60);
        private int maxSessionsPerOrigin = 8;
        private int maxConnectionsPerSession = 1000;
        private int receiveWindow = 4 * 1024 * 1024;
        private Liveness liveness = Liveness.DEFAULT;
        private ConnectionOptions options = ConnectionOptions.defaults();
        private @Nullable Executor executor;
        private Dialer.Resolver resolver = InetAddress::getAllByName;
        private ByteBufferPool buffers = new ArrayByteBufferPool();
        private Reading reading = Reading.DEFAULT;

        private Builder() {}

        /**
         * Sets trust and keys for {@code https} together. Replaces the settings of single stores.
         *
         * @param context an initialised context
         * @return this
         */
        public Builder sslContext(SSLContext context) {
            tls.context = context;
            return this;
        }

        /**
         * Sets which certificates servers may have.
         *
         * @param store trusted certificates, usually those of authorities, instead of those that the JDK trusts
         * @return this
         */
        public Builder trustStore(KeyStore store) {
            tls.trustStore = store;
            return this;
        }

        /**
         * Sets the certificate with which this client answers to servers that ask for one.
         *
         * @param store has a private key and its certificate chain
         * @param keyPassword opens the key
         * @return this
         */
        public Builder keyStore(KeyStore store, char[] keyPassword) {
            tls.keyStore = store;
            tls.keyPassword = keyPassword.clone();
            return this;
        }

        /**
         * Accepts every certificate for every host. <b>Only for tests</b>: whoever can get in between reads and changes
         * everything, and neither side notices.
         *
         * @return this
         */
        public Builder trustAll() {
            tls.trustAll = true;
            return this;
        }

        /**
         * Chooses whether a server's certificate must be for the host of the URI (RFC 9110, section 4.3.4).
         *
         * @param verify {@code true} by default; {@code false} lets the owner of any trusted certificate pose as any
         *     host
         * @return this
         */
        public Builder verifyHostName(boolean verify) {
            tls.verifyHostName = verify;
            return this;
        }

        /**
         * Limits how long a connect takes, unless its request says otherwise.
         *
         * @param limit greater than zero; 10 seconds by default
         * @return this
         * @throws IllegalArgumentException if {@code limit} is zero or negative
         */
        public Builder connectTimeout(Duration limit) {
            this.connectTimeout = positive("connectTimeout", limit);
            return this;
        }

        /**
         * Sets how long a session without connections is kept for the next one.
         *
         * @param limit greater than zero; 60 seconds by default. A session may live up to twice as long
         * @return this
         * @throws IllegalArgumentException if {@code limit} is zero or negative
         */
        public Builder idleTimeout(Duration limit) {
            this.idleTimeout = positive("idleTimeout", limit);
            return this;
        }

        /**
         * Limits how many TCP connections take new connections to one origin. Those that the server is shutting down do
         * not count. When all are full, a connect waits for a place until its timeout.
         *
         * @param sessions at least 1; 8 by default
         * @return this
         * @throws IllegalArgumentException if {@code sessions} is less than 1
         */
        public Builder maxSessionsPerOrigin(int sessions) {
            this.maxSessionsPerOrigin = atLeastOne("maxSessionsPerOrigin", sessions);
            return this;
        }

        /**
         * Limits how many connections share a TCP connection, if the server does not say less (RFC 9113, section 6.5.2,
         * SETTINGS_MAX_CONCURRENT_STREAMS).
         *
         * @param connections at least 1; 1000 by default
         * @return this
         * @throws IllegalArgumentException if {@code connections} is less than 1
         */
        public Builder maxConnectionsPerSession(int connections) {
            this.maxConnectionsPerSession = atLeastOne("maxConnectionsPerSession", connections);
            return this;
        }

        /**
         * Bounds what a server may send on one connection before the application has read it (RFC 9113, section 5.2). A
         * connection begins with 512 KiB, or with this if it is less, and its window doubles, up to this, each time that
         * the application has consumed half of it within 200 milliseconds. So one that nobody reads from the start holds
         * 512 KiB at the most; a small bound limits the speed over long distances.
         *
         * @param bytes at least 1; 4,194,304 by default
         * @return this
         * @throws IllegalArgumentException if {@code bytes} is less than 1
         */
        public Builder receiveWindow(int bytes) {
            this.receiveWindow = atLeastOne("receiveWindow", bytes);
            return this;
        }

        /**
         * Sets the heartbeats: when nothing has arrived on a TCP connection with connections for as long, an HTTP/2 PING (RFC
         * 9113, section 6.7) asks whether the server is still there, and again after as long again. A server of which nothing
         * has arrived for three intervals, and a half at the most, is gone: its connections fail with
         * {@link io.h2conn.ConnectionLostException}. Any byte that arrives is life, and the answers say how far away the server
         * is ({@link io.h2conn.ConnectionInfo#roundTripTime}). A proxy answers for itself, not for what is behind it. To a server
         * that answers ENHANCE_YOUR_CALM the next sessions send them half as often.
         *
         * @param interval at least 10 milliseconds, or zero for no heartbeats; 10 seconds by default
         * @return this
         * @throws IllegalArgumentException if {@code interval} is negative or too short
         */
        public Builder heartbeat(Duration interval) {
            this.liveness = new Liveness(Liveness.checked("heartbeat", interval), liveness.writeTimeout());
            return this;
        }

        /**
         * Limits how long a server may take nothing at all of what is written to its TCP connection, as one that no longer
         * reads, and yet sends, does. Then the connections on it fail with {@link io.h2conn.ConnectionLostException}. A server
         * that reads from TCP, but whose application does not read, is not concerned: that is what windows are for.
         *
         * <p>Progress is what the operating system takes, in steps of about a third of its own buffer: on a network that is so
         * slow that a step takes longer than this, raise it.
         *
         * @param limit at least 10 milliseconds, or zero for no limit; 60 seconds by default
         * @return this
         * @throws IllegalArgumentException if {@code limit} is negative or too short
         */
        public Builder writeTimeout(Duration limit) {
            this.liveness = new Liveness(liveness.heartbeat(), Liveness.checked("writeTimeout", limit));
            return this;
        }

        /**
         * Sets whether a thread that waits in a read, and waits alone on its TCP connection, may read the socket itself, instead of
         * being woken by a thread of Jetty's that did: one wake-up less for each message. While it does so, callbacks that do not
         * block of other connections of that TCP connection run on it; and when it is away with what it has got, others of them may
         * wait up to two milliseconds. Where several wait, and on virtual threads, nothing changes.
         *
         * @param direct {@code true} by default, unless the system property {@code io.h2conn.directReads} is {@code false}
         * @return this
         */
        public Builder directReads(boolean direct) {
            this.reading = reading.withDirect(direct);
            return this;
        }

        /**
         * Sets how long a thread that reads the socket itself asks for input again and again before it sleeps, which
         * takes a whole processor, and saves the wake-up. Of a process's threads at most one less than it has processors do so at a
         * time.
         *
         * @param time up to 10 milliseconds, or zero for not at all, the default; of use only with {@link #directReads}
         * @return this
         * @throws IllegalArgumentException if {@code time} is negative or longer
         */
        public Builder busyPoll(Duration time) {
            this.reading = reading.withBusyPoll(time);
            return this;
        }

        /**
         * Sets where the callbacks of this client's connections run, unless their options have an executor of their
         * own.
         *
         * @param executor the application's own, never shut down by this library
         * @return this
         */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * Sets how connections behave on this side, unless their request says otherwise.
         *
         * @param options {@link ConnectionOptions#defaults} by default
         * @return this
         */
        public Builder options(ConnectionOptions options) {
            this.options = options;
            return this;
        }

        /** For tests: asks another name service. */
        Builder resolver(Dialer.Resolver resolver) {
            this.resolver = resolver;
            return this;
        }

        /** For tests: counts buffers. */
        Builder buffers(ByteBufferPool pool) {
            this.buffers = pool;
            return this;
        }

        /**
         * Makes the client and starts its threads.
         *
         * @return a client, to be closed
         * @throws IllegalArgumentException if a key store cannot be used
         * @throws IllegalStateException if TLS settings contradict each other
         */
        public DuplexClient build() {
            return new DuplexClient(this);
        }

        private static Duration positive(String name, Duration limit) {
            if (limit.isZero() || limit.isNegative()) {
                throw new IllegalArgumentException(name + " must be greater than zero but was " + limit);
            }
            return limit;
        }

        private static int atLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1 but was " + value);
            }
            return value;
        }
    }
}
