package io.h2conn.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A future whose value is taken from somewhere only when it is certain to arrive: whoever completes it, the user or its
 * maker, must win its claim first. What it was made for is not lost with a future that the user has cancelled, or
 * completed by a timeout.
 *
 * @param <T> the type of the value
 */
public class ClaimedFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    // An updater, since an atomic object each would be a third of one of these.
    @SuppressWarnings("rawtypes") // a class literal has no parameters
    private static final AtomicIntegerFieldUpdater<ClaimedFuture> CLAIMED =
            AtomicIntegerFieldUpdater.newUpdater(ClaimedFuture.class, "claimed");

    /** 1 once it was claimed. */
    private volatile int claimed;

    /** Makes a future that nobody has claimed. */
    public ClaimedFuture() {}

    /**
     * Decides who completes it.
     *
     * @return true for the first caller only
     */
    public final boolean claim() {
        return CLAIMED.compareAndSet(this, 0, 1);
    }

    /**
     * Whether somebody completes it, or has.
     *
     * @return true once it was claimed
     */
    public final boolean isClaimed() {
        return claimed != 0;
    }

    /**
     * Completes it, for the one who has claimed it.
     *
     * @param value what it was made for
     */
    public final void deliver(T value) {
        super.complete(value);
    }

    /**
     * Fails it, for the one who has claimed it.
     *
     * @param failure why
     */
    public final void deliverFailure(Throwable failure) {
        super.completeExceptionally(failure);
    }

    /** The user is about to complete it: nobody waits for what it was made for any more. */
    protected void onAbandoned() {
        // Nothing to stop, unless overridden.
    }

    private boolean claimForUser() {
        boolean won = claim();
        if (won) {
            onAbandoned();
        }
        return won;
    }

    @Override
    public boolean complete(T value) {
        return claimForUser() && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return claimForUser() && super.completeExceptionally(failure);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return claimForUser() ? super.cancel(mayInterruptIfRunning) : isCancelled();
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable t) {
                completeExceptionally(t);
            }
        });
        return this;
    }

    /** Dependents are ordinary futures: only this one has a claim to win. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
