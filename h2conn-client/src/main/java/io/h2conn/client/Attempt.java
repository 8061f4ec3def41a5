package io.h2conn.client;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionObserver;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import io.h2conn.internal.Durations;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Observers;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of connect or open, from the request to its result: gets a place on a session, sends the request, waits for
 * the answer if it is to, and tries again on another session when the first certainly did nothing with it.
 *
 * <p>{@link #result} is the arbiter: whoever completes it decides what comes of the attempt, and whoever comes too late
 * cleans up after himself.
 */
final class Attempt implements SessionPool.Taker, Exchange.Observer {
    /** How often a request is sent again that no server has processed. */
    private static final int MAX_RETRIES = 2;

    private static final AtomicLong NUMBERS = new AtomicLong();

    /**
     * What the attempts of one client share.
     *
     * @param pool where places come from
     * @param attempts those without a result
     * @param connections those that are not over
     */
    record Shared(SessionPool pool, Set<Attempt> attempts, LiveConnections connections) {}

    private final Shared shared;
    private final ConnectRequest request;
    private final ConnectionOptions options;
    private final Duration limit;
    private final boolean waits;
    private final WebOrigin origin;
    private final long number = NUMBERS.incrementAndGet();
    private final CompletableFuture<DuplexConnection> result = new CompletableFuture<>();
    private volatile @Nullable Exchange exchange;
    /** That of the last exchange made. */
    private volatile @Nullable Engine last;

    private volatile @Nullable Timer timer;

    // Only touched by the thread that has the current exchange's report, of which there is one at a time.
    private volatile List<PooledSession> avoided = List.of();
    private @Nullable ConnectionFailure lastFailure;

    /**
     * Makes an attempt that has not begun.
     *
     * @param limit until the answer, or until the request is out
     * @param waits whether for the answer
     */
    Attempt(Shared shared, ConnectRequest request, ConnectionOptions options, Duration limit, boolean waits) {
        this.shared = shared;
        this.request = request;
        this.options = options;
        this.limit = limit;
        this.waits = waits;
        this.origin = WebOrigin.of(request.uri());
        if (!waits) {
            exchange = newExchange();
        }
    }

    private Exchange newExchange() {
        Exchange made = new Exchange(request, options, number, !waits, this);
        last = made.engine();
        shared.connections.add(made);
        return made;
    }

    /** The connection, for who does not wait for the answer. */
    DuplexConnection early() {
        Exchange made = exchange;
        if (made == null) {
            throw new AssertionError("a connection before the answer, for an attempt that waits for it");
        }
        return made.engine();
    }

    /** The connection, for who waits for the answer. Completed on the thread that serves the transport. */
    CompletableFuture<DuplexConnection> result() {
        return result;
    }

    private String id() {
        return Exchange.KIND + "-" + number;
    }

    /** Tells the observer, in order with what the last exchange has told it. */
    private void tell(Consumer<ConnectionObserver> event) {
        Engine engine = last;
        if (engine != null) {
            engine.report(event);
        } else {
            Observers.tell(options.observer(), event);
        }
    }

    String target() {
        return RequestTarget.describe(request);
    }

    void begin() {
        shared.attempts.add(this);
        takePlace();
        if (!result.isDone()) {
            Timer scheduled = Threads.schedule(this::onTimeout, Limits.nanos(limit));
            timer = scheduled;
            if (result.isDone()) {
                scheduled.cancel();
                timer = null;
            }
        }
    }

    private void takePlace() {
        int attempt = avoided.size() + 1;
        tell(observer -> observer.onConnecting(id(), target(), attempt));
        shared.pool.take(origin, this);
        if (result.isDone()) {
            shared.pool.forget(origin, this); // whoever ended the attempt meanwhile may have been too early for that
        }
    }

    private void onTimeout() {
        Exchange current = exchange;
        if (current != null && current.finishRefusal()) {
            return;
        }
        boolean sent = waits && current != null;
        PooledSession silent = current == null ? null : current.silentSession();
        if (silent != null) {
            // The session may be dead; until its heartbeats have found out, others are better served by a new one.
            shared.pool.onGone(silent, OpenFailures.silent(origin));
        }
        fail(new ConnectionTimeoutException(
                "no connection for " + target() + " within " + Durations.text(limit) + ": "
                        + (sent ? "the server has not answered the request" : shared.pool.describeWait(origin)),
                0));
    }

    /** The user no longer wants the connection. */
    void cancel() {
        end(new CancellationException("the connect for " + target() + " was cancelled"), null);
    }

    /** The user no longer wants the connection, even if it is there just in time. */
    void abandon() {
        cancel();
        if (!result.isCompletedExceptionally()) {
            result.join().abort();
        }
    }

    void fail(ConnectionFailure failure) {
        end(failure.asException(), failure);
    }

    private void end(Exception outcome, @Nullable ConnectionFailure failure) {
        if (!result.completeExceptionally(outcome)) {
            return;
        }
        over();
        shared.pool.forget(origin, this);
        Exchange current = exchange;
        if (current == null) {
            tellFailed(outcome, false);
            return;
        }
        if (failure == null) {
            current.engine().abort();
        } else {
            current.fail(failure);
        }
        tellFailed(outcome, false);
        if (!current.isPlaced()) {
            shared.connections.remove(current);
        }
    }

    private void tellFailed(Exception failure, boolean retried) {
        tell(observer -> observer.onConnectFailed(id(), failure, retried));
    }

    private void over() {
        shared.attempts.remove(this);
        Timer scheduled = timer;
        if (scheduled != null) {
            scheduled.cancel();
            timer = null;
        }
    }

    // ---------------------------------------------------------------- the pool's reports

    @Override
    public void onPlace(PooledSession session) {
        if (result.isDone()) {
            shared.pool.release(session);
            return;
        }
        Exchange current = exchange;
        if (current == null) {
            current = newExchange();
            exchange = current;
        }
        boolean reused = session.isReused();
        tell(observer ->
                observer.onSession(id(), session.session().getEndPoint().getRemoteSocketAddress(), reused));
        current.send(session);
        if (result.isCompletedExceptionally()) {
            current.engine().abort(); // whoever ended the attempt meanwhile may have missed this exchange
        }
    }

    @Override
    public void onNoPlace(@Nullable OpenFailure failure) {
        ConnectionFailure last = lastFailure;
        if (failure != null) {
            fail(failure.describe(target()));
        } else if (last != null) {
            fail(last);
        }
    }

    @Override
    public Duration patience() {
        return limit;
    }

    @Override
    public Collection<PooledSession> avoided() {
        return avoided;
    }

    // ---------------------------------------------------------------- the exchange's reports

    @Override
    public void onNotSent(Exchange sender, PooledSession session, Throwable cause) {
        shared.pool.release(session);
        again(
                session,
                new ConnectionLostException(
                        "no connection for " + target() + ": the session with " + origin + " takes no new streams ("
                                + OpenFailures.describe(cause) + ")",
                        Origin.NETWORK,
                        null,
                        true,
                        cause));
    }

    @Override
    public void onSent(Exchange sender) {
        if (!waits && result.complete(sender.engine())) {
            over();
        }
    }

    @Override
    public void onAccepted(Exchange accepted) {
        if (result.complete(accepted.engine())) {
            over();
        }
    }

    @Override
    public void onRefused(Exchange refused, ConnectionRefusedException refusal) {
        if (result.completeExceptionally(refusal)) {
            over();
            tellFailed(refusal, false);
        }
    }

    @Override
    public void onOver(Exchange ended, @Nullable PooledSession session) {
        shared.connections.remove(ended);
        if (session != null) {
            shared.pool.release(session);
        }
        ConnectionFailure failure = ended.failure();
        if (failure == null) {
            onSent(ended); // all of it may have happened before Jetty says that the request is out
        }
        if (failure == null || result.isDone()) {
            return;
        }
        ConnectionFailure reported = Refusals.beforeAnswer(target(), failure);
        if (waits && session != null && failure.retrySafe()) {
            exchange = null;
            again(session, reported);
        } else {
            fail(reported);
        }
    }

    /** Tries on another session, if this is not going on for too long. */
    private void again(PooledSession without, ConnectionFailure failure) {
        lastFailure = failure;
        List<PooledSession> all = new ArrayList<>(avoided);
        all.add(without);
        avoided = all;
        if (all.size() <= MAX_RETRIES && !result.isDone()) {
            tellFailed(failure.asException(), true);
            takePlace();
        } else {
            fail(failure);
        }
    }
}
