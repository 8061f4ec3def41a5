package io.h2conn.codec;

import io.h2conn.internal.ClaimedFuture;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of one message. A message that arrives for a future that was cancelled is the next one's. */
final class AsyncReceive<I> extends ClaimedFuture<@Nullable I> implements Receiving.Taker<I> {
    private final Receiving<I> receiving;
    private @Nullable I taken;
    private volatile @Nullable CompletableFuture<?> read;

    AsyncReceive(Receiving<I> receiving) {
        this.receiving = receiving;
    }

    @Override
    public boolean wants() {
        return !isClaimed();
    }

    @Override
    public boolean take(I message) {
        if (!claim()) {
            return false;
        }
        taken = message;
        receiving.leave(this);
        return true;
    }

    @Override
    public void afterTurn() {
        I message = taken;
        if (message != null) {
            deliver(message);
        }
    }

    @Override
    public void end(@Nullable Throwable failure) {
        if (!claim()) {
            return;
        }
        if (failure == null) {
            deliver(null);
        } else {
            deliverFailure(failure);
        }
    }

    @Override
    public void waitsFor(CompletableFuture<?> read) {
        this.read = read;
        if (isClaimed()) {
            read.cancel(false);
        }
    }

    @Override
    protected void onAbandoned() {
        receiving.leave(this);
        CompletableFuture<?> waiting = read;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }
}
