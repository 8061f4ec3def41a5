package io.h2conn.codec;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One run of a handler that blocks. Cancelling interrupts it, and completes nothing: it is over when it has returned, or would
 * have begun. Otherwise a peer that calls and cancels in turns could have any number of threads.
 */
final class BlockingCall<Q, A> extends CompletableFuture<A> implements Runnable {
    private final CallHandler.Blocking<Q, A> function;
    private final Q request;
    private final Calls<Q, A> calls;
    private final Object lock = new Object();
    private @Nullable Thread runner;
    private boolean cancelled;

    BlockingCall(CallHandler.Blocking<Q, A> function, Q request, Calls<Q, A> calls) {
        this.function = function;
        this.request = request;
        this.calls = calls;
    }

    @Override
    public void run() {
        if (!begin()) {
            completeExceptionally(new CancellationException("cancelled before it began"));
            return;
        }
        try {
            A reply = function.answer(request, calls);
            end();
            complete(reply);
        } catch (Throwable t) {
            end();
            completeExceptionally(t); // whatever a handler throws: the caller must not wait in vain
        }
    }

    private boolean begin() {
        synchronized (lock) {
            runner = cancelled ? null : Thread.currentThread();
            return !cancelled;
        }
    }

    private void end() {
        synchronized (lock) {
            runner = null;
            if (cancelled) {
                Thread.interrupted(); // meant for the call, not for what the executor runs next
            }
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        synchronized (lock) {
            cancelled = true;
            if (runner != null) {
                runner.interrupt();
            }
        }
        return false;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
