package io.h2conn.internal;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine's way to its end: closing, resetting, failing, and the report of it. Part of the engine: every method and
 * field is guarded by its lock, which the caller holds.
 */
final class Ending {
    /** How long a failure waits for the answer to the write of our end. */
    private static final long END_ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final EngineCore engine;
    private final Engine.Role role;

    /** Whether this side ended the connection by abort. */
    private boolean aborted;
    /** A failure that came while our end was on its way to the socket; counts only if that does not get there. */
    private @Nullable ConnectionFailure whileEnding;

    private @Nullable Timer timer;
    /** Completes when close may return. Never seen by the user, so that its dependents may run anywhere. */
    private @Nullable Closing closing;

    private boolean failedBeforeClose;

    private @Nullable CompletableFuture<CloseReason> closed;
    private boolean announced;
    private @Nullable CompletableFuture<@Nullable Void> draining;
    private @Nullable CloseReason reason;

    Ending(EngineCore engine, Engine.Role role) {
        this.engine = engine;
        this.role = role;
    }

    // ---------------------------------------------------------------- this side ends it

    /** Begins to close, once. Returns what completes when close may return. */
    CompletableFuture<@Nullable Void> close() {
        if (closing != null) {
            return closing;
        }
        closing = new Closing();
        failedBeforeClose = engine.state.failure() != null;
        engine.outbound.release(Hurry.SOMEBODY);
        engine.state = engine.state.onClose();
        if (engine.outbound.isWithinWrite()) { // after the close itself: that is what whoever waits is told
            reset(
                    ErrorCode.CANCEL,
                    "close() came while a write was only partly accepted; the stream was reset, since a clean end would"
                            + " have hidden the truncation from the peer");
        }
        engine.inbound.dropUnread();
        engine.inbound.wakeAll();
        engine.outbound.wakeAll();
        if (!engine.state.over()) {
            timer = Threads.schedule(
                    engine::onCloseTimer, engine.options.closeTimeout().toNanos());
        }
        check();
        return closing;
    }

    void onCloseTimer() {
        String limit = Durations.text(engine.options.closeTimeout());
        if (engine.state.output() == State.Output.ENDED) {
            reset(
                    role.lingerCode(),
                    "the peer did not end its half within the close timeout of " + limit + " after close()");
        } else {
            reset(
                    ErrorCode.CANCEL,
                    new ConnectionTimeoutException(
                            "close() timed out after " + limit + " with " + engine.outbound.lost()
                                    + " accepted bytes, or the end of the output, not written to the socket; the stream"
                                    + " was reset",
                            0));
        }
    }

    void abort(ErrorCode code) {
        if (!engine.state.over()) {
            aborted = true;
            reset(code, "this side aborted the connection with " + code);
            engine.inbound.discard();
            check();
        } else if (engine.state.input() == State.Input.ENDED) {
            // A failure ended the connection, and what had come before the peer's end stayed readable. Nobody will
            // read it now, and it holds memory that others need.
            aborted = true;
            engine.inbound.discard();
        }
    }

    /** Whether this side closed what had failed already: a call that the failure ended says so, although it wakes after the close. */
    boolean failedBeforeClose() {
        return failedBeforeClose;
    }

    boolean aborted() {
        return aborted;
    }

    /** One of the connection's bounds is reached. */
    void timeOut(String why) {
        reset(ErrorCode.CANCEL, new ConnectionTimeoutException(why, 0));
    }

    private void reset(ErrorCode code, String why) {
        reset(code, new ConnectionResetException(why, Origin.LOCAL, code, null));
    }

    private void reset(ErrorCode code, ConnectionFailure failure) {
        if (engine.state.canFail()) {
            engine.afterwards(() -> engine.transport.reset(code)); // before the transport is told that all is over
            fail(failure);
        }
    }

    // ---------------------------------------------------------------- it fails

    /** The transport reports a failure. */
    void onFailure(ConnectionFailure failure) {
        if (!engine.state.peerEnded() || !engine.outbound.isEndInFlight()) {
            fail(failure);
        } else if (whileEnding == null) {
            // A peer that has all it wants leaves when it sees our end, and the news of that may overtake the answer to
            // our write. So that answer decides, unless it does not come.
            whileEnding = failure;
            Timer unused = Threads.schedule(engine::onEndUnanswered, END_ANSWER_NANOS);
        }
    }

    void onEndUnanswered() {
        fail(Objects.requireNonNull(whileEnding));
    }

    void onSendFailed(Throwable cause) {
        String message = "the transport could not write: " + cause.getMessage();
        fail(
                whileEnding != null
                        ? whileEnding
                        : new ConnectionLostException(message, Origin.NETWORK, null, false, cause));
    }

    private void fail(ConnectionFailure failure) {
        if (!engine.state.canFail()) {
            return;
        }
        engine.state = engine.state.onFailure(failure);
        if (engine.state.input() == State.Input.FAILED) {
            engine.inbound.dropUnread();
        }
        if (engine.state.output() == State.Output.FAILED) {
            engine.outbound.dropUnsent();
        }
        engine.inbound.wakeAll();
        engine.outbound.wakeAll();
        check();
    }

    // ---------------------------------------------------------------- its end is announced

    void onDraining() {
        if (announced || reason != null) {
            return;
        }
        announced = true;
        if (engine.sight != null) {
            engine.sight.onDraining();
        }
        CompletableFuture<@Nullable Void> told = draining;
        if (told != null) {
            engine.afterwards(engine.callback(() -> told.complete(null)));
        }
    }

    boolean isDraining() {
        return announced;
    }

    CompletableFuture<@Nullable Void> draining() {
        if (draining == null) {
            draining = announced ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
        }
        return draining;
    }

    // ---------------------------------------------------------------- the report

    /** Looks whether close may return and whether the connection is over; reports each once. */
    void check() {
        checkClosing();
        if (reason != null || !engine.state.over()) {
            return;
        }
        CloseReason end = describe();
        reason = end;
        EngineCore.cancel(timer);
        timer = null;
        if (engine.sight != null) {
            engine.sight.onOver(end);
        }
        CompletableFuture<CloseReason> told = closed;
        if (told != null) {
            engine.afterwards(engine.callback(() -> told.complete(end)));
        }
        engine.afterwards(engine.transport::ended);
    }

    private CloseReason describe() {
        ConnectionFailure failure = engine.state.failure();
        return failure == null
                ? new CloseReason(
                        Objects.requireNonNull(engine.state.endedBy()),
                        ErrorCode.NO_ERROR,
                        null,
                        engine.inbound.received(),
                        engine.outbound.sent(),
                        0)
                : new CloseReason(
                        failure.origin(),
                        failure.errorCode(),
                        failure,
                        engine.inbound.received(),
                        engine.outbound.sent(),
                        engine.outbound.lost());
    }

    /** Lets close return, once our half has ended in one way or the other. */
    private void checkClosing() {
        CompletableFuture<@Nullable Void> waiting = closing;
        if (waiting == null || waiting.isDone()) {
            return;
        }
        switch (engine.state.output()) {
            case ENDED -> engine.afterwards(() -> waiting.complete(null));
            case FAILED -> {
                ConnectionFailure failure = Objects.requireNonNull(engine.state.failure());
                if (engine.outbound.lost() == 0 || isNoNews(failure)) {
                    engine.afterwards(() -> waiting.complete(null));
                } else {
                    engine.afterwards(() -> waiting.completeExceptionally(failure.asException()));
                }
            }
            case OPEN, ENDING -> {}
        }
    }

    /** Whether unsent bytes surprise nobody: this side aborted, or the peer had said all and wanted no more. */
    private boolean isNoNews(ConnectionFailure failure) {
        boolean unwanted = engine.state.peerEnded()
                && failure.origin() == Origin.PEER
                && ErrorCode.NO_ERROR.equals(failure.errorCode());
        return aborted || unwanted;
    }

    void describe(long now, Consumer<String> lines) {
        if (closing != null && reason == null) {
            lines.accept("close by " + closing.by + " for " + Durations.passed(now - closing.since)
                    + (engine.state.output() == State.Output.ENDED ? ", waits for the peer's end" : ""));
        }
    }

    /** Remembers who has closed, and when. */
    private static final class Closing extends CompletableFuture<@Nullable Void> {
        private final String by = WaitPoint.name(Thread.currentThread());
        private final long since = System.nanoTime();

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }

    /** Completes when the connection is over. */
    CompletableFuture<CloseReason> closed() {
        if (closed == null) {
            closed = reason == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(reason);
        }
        return closed;
    }
}
