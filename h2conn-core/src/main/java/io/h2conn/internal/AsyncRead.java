package io.h2conn.internal;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The future of one asynchronous read. Whoever completes it, the user or the engine, must win its claim first, and the
 * engine takes bytes off the queue only after it has won: a read that was cancelled or timed out by the user gets none,
 * so none are lost with it.
 */
final class AsyncRead extends CompletableFuture<@Nullable ByteBuffer> {
    private final AtomicBoolean claimed = new AtomicBoolean();
    final long limit;

    AsyncRead(long limit) {
        this.limit = limit;
    }

    /** Decides who completes it: the first caller only gets {@code true}. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    boolean isClaimed() {
        return claimed.get();
    }

    /** Completes it for the engine, which has claimed it. */
    void deliver(@Nullable ByteBuffer data) {
        super.complete(data);
    }

    /** Fails it for the engine, which has claimed it. */
    void deliverFailure(Throwable failure) {
        super.completeExceptionally(failure);
    }

    @Override
    public boolean complete(@Nullable ByteBuffer value) {
        return claim() && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return claim() && super.completeExceptionally(failure);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return claim() ? super.cancel(mayInterruptIfRunning) : isCancelled();
    }

    @Override
    public CompletableFuture<@Nullable ByteBuffer> completeAsync(
            Supplier<? extends @Nullable ByteBuffer> supplier, Executor executor) {
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
