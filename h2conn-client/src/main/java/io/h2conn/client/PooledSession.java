package io.h2conn.client;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import io.h2conn.jetty.Liveness;
import io.h2conn.jetty.SessionSetup;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with a server, as the {@link SessionPool} sees it: being opened, taking connections, or retired, in this
 * order. It is open when the server's SETTINGS have arrived, which prove that it speaks HTTP/2 and say how many streams
 * it allows.
 */
final class PooledSession implements Session.Listener {
    private enum State {
        OPENING,
        READY,
        /** No longer in the pool. Ends with its last connection. */
        RETIRED
    }

    private static final Logger LOG = LoggerFactory.getLogger(PooledSession.class);

    /** How long a GOAWAY may take to be written. */
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final WebOrigin origin;
    private final SessionPool pool;
    private final Settings settings;
    private final Dialer dialer;
    private final Dial dial;
    private volatile @Nullable HTTP2Session session;
    private volatile @Nullable Timer timer;
    private volatile boolean over;
    private final AtomicBoolean used = new AtomicBoolean();
    /** Whether Jetty is about to end the session with a reason that the server should hear. */
    private volatile boolean leaving;

    // Guarded by the pool's lock.
    private State state = State.OPENING;
    private int capacity;
    private int leases;
    private long idleSince;

    /**
     * What all sessions of a client have in common.
     *
     * @param openTimeout from the first step to the server's SETTINGS
     * @param idleTimeout how long a session lives without connections
     * @param liveness how the server is watched
     */
    record Settings(Duration openTimeout, Duration idleTimeout, Liveness liveness) {}

    PooledSession(WebOrigin origin, SessionPool pool, Settings settings, Dialer dialer) {
        this.origin = origin;
        this.pool = pool;
        this.settings = settings;
        this.dialer = dialer;
        this.dial = dialer.dial(origin, settings.openTimeout(), this, failure -> pool.onGone(this, failure));
    }

    // ---------------------------------------------------------------- under the pool's lock

    boolean isOpening() {
        return state == State.OPENING;
    }

    boolean isRetired() {
        return state == State.RETIRED;
    }

    void retire() {
        state = State.RETIRED;
    }

    void setCapacity(int streams) {
        capacity = streams;
        if (state == State.OPENING) {
            state = State.READY;
            idleSince = System.nanoTime();
        }
    }

    int capacity() {
        return capacity;
    }

    boolean hasRoom() {
        return state == State.READY && leases < capacity;
    }

    int leases() {
        return leases;
    }

    void addLease() {
        leases++;
    }

    void removeLease() {
        leases--;
        if (leases == 0) {
            idleSince = System.nanoTime();
        }
    }

    boolean isIdle(long nanos) {
        return state == State.READY && leases == 0 && System.nanoTime() - idleSince >= nanos;
    }

    // ---------------------------------------------------------------- without it

    WebOrigin origin() {
        return origin;
    }

    /** What opening it waits for, as the end of a sentence. */
    String progress() {
        return dial.progress();
    }

    /** The session to make streams on. Only for those who have a place on it. */
    HTTP2Session session() {
        HTTP2Session opened = session;
        if (opened == null) {
            throw new AssertionError("a place on a session that was never opened: " + origin);
        }
        return opened;
    }

    /** Whether the caller's connection, which has a place on it, is not the first one. */
    boolean isReused() {
        return !used.compareAndSet(false, true);
    }

    /** The session, if it is open. */
    @Nullable
    HTTP2Session openSession() {
        return dial.isOpen() ? session : null;
    }

    void open() {
        if (over) {
            return; // unwanted again before it began
        }
        timer = Threads.schedule(this::onOpenTimeout, Limits.nanos(settings.openTimeout()));
        dial.start();
    }

    private void onOpenTimeout() {
        pool.onGone(
                this,
                target -> new ConnectionTimeoutException(
                        "no connection for " + target + " within " + settings.openTimeout() + ": " + progress(), 0));
    }

    /** Tells the server that no new connections will come, and those on this session that an end is near. */
    void announceEnd() {
        HTTP2Session opened = session;
        if (opened != null && dial.isOpen()) {
            CompletableFuture<Void> unused = opened.shutdown();
        }
    }

    /** Bytes that have come from the server so far. */
    long received() {
        return session().getEndPoint().getConnection() instanceof HTTP2Connection connection
                ? connection.getBytesIn()
                : 0;
    }

    /** Takes leave of the server and closes the TCP connection; gives up on a session that is still being opened. */
    void close() {
        over = true;
        cancelTimer();
        HTTP2Session opened = session;
        if (opened == null || !dial.isOpen()) {
            dial.abort();
            return;
        }
        // The peer's GOAWAY is not waited for: it may never come, and there is nothing left that it could be about. Nor
        // is
        // ours, for long: a peer that does not read lets it wait for ever.
        Timer unread = Threads.schedule(opened::disconnect, FAREWELL_NANOS);
        if (leaving) {
            return; // Jetty says so, and then closes.
        }
        Runnable done = () -> {
            unread.cancel();
            opened.disconnect();
        };
        opened.close(
                ErrorCode.NO_ERROR.code,
                "close",
                Callback.from(Invocable.InvocationType.NON_BLOCKING, done, failure -> done.run()));
    }

    private void cancelTimer() {
        Timer pending = timer;
        if (pending != null) {
            pending.cancel();
        }
    }

    private void checkIdle() {
        if (pool.retireIfIdle(this, Limits.nanos(settings.idleTimeout()))) {
            LOG.debug("closing the session to {}: no connections for {}", origin, settings.idleTimeout());
            close();
        } else if (!over) {
            timer = Threads.schedule(this::checkIdle, Limits.nanos(settings.idleTimeout()));
        }
    }

    // ---------------------------------------------------------------- Jetty's thread

    @Override
    public Map<Integer, Integer> onPreface(Session opened) {
        HTTP2Session jetty = (HTTP2Session) opened;
        session = jetty;
        SessionSetup.prepare(jetty, true, dialer.calmed(origin, settings.liveness()));
        Map<Integer, Integer> own = new HashMap<>();
        own.put(SettingsFrame.ENABLE_PUSH, 0);
        return own;
    }

    @Override
    public void onSettings(Session opened, SettingsFrame frame) {
        if (dial.onSettings()) {
            LOG.debug("opened a session to {}", origin);
            cancelTimer();
            timer = Threads.schedule(this::checkIdle, Limits.nanos(settings.idleTimeout()));
        }
        pool.onSettings(this, ((HTTP2Session) opened).getMaxLocalStreams());
    }

    @Override
    public void onGoAway(Session opened, GoAwayFrame frame) {
        LOG.debug("the server at {} drains its session: {}", origin, frame);
        if (frame.getError() == ErrorCode.ENHANCE_YOUR_CALM_ERROR.code) {
            dialer.calmDown(origin);
        }
        pool.onGone(this, dial.explain(null));
    }

    /** Streams never time out by themselves, and sessions without any are closed by {@link #checkIdle}. */
    @Override
    public boolean onIdleTimeout(Session opened) {
        return false;
    }

    @Override
    public void onFailure(Session opened, Throwable failure, Callback callback) {
        LOG.debug("lost the session to {}", origin, failure);
        leaving = SessionSetup.onFailure((HTTP2Session) opened, failure);
        pool.onGone(this, dial.explain(failure));
        callback.succeeded();
    }

    @Override
    public void onClose(Session opened, GoAwayFrame frame, Callback callback) {
        over = true;
        cancelTimer();
        pool.onGone(this, dial.explain(null));
        callback.succeeded();
    }
}
