package io.h2conn.codec;

import io.h2conn.internal.ClaimedFuture;
import io.h2conn.internal.Timer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A call of this side. Whoever claims it decides how it ends: a reply, a timeout, the user, or the end of the connection. */
final class OutgoingCall<A> extends ClaimedFuture<A> {
    private final OwnCalls<?, A> calls;
    private final long id;
    /** It counts as in progress until it is decided and nothing of it waits to be sent. */
    private final AtomicInteger holds = new AtomicInteger(2);

    private volatile @Nullable Timer timer;

    OutgoingCall(OwnCalls<?, A> calls, long id) {
        this.calls = calls;
        this.id = id;
    }

    long id() {
        return id;
    }

    void hold() {
        holds.incrementAndGet();
    }

    /** Returns whether nothing holds it any more. */
    boolean release() {
        return holds.decrementAndGet() == 0;
    }

    void startTimer(Timer started) {
        timer = started;
        if (isClaimed()) {
            started.cancel();
        }
    }

    void stopTimer() {
        Timer started = timer;
        if (started != null) {
            started.cancel();
        }
    }

    @Override
    protected void onAbandoned() {
        calls.abandon(this);
    }
}
