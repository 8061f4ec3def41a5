package io.h2conn.internal;

import io.h2conn.DataListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Gives pieces to a listener one after the other. A step runs until nothing is left or the listener wants time; the
 * engine starts at most one at a time.
 */
final class ListenerLoop implements Runnable {
    final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    private final EngineCore engine;
    private final DataListener listener;

    ListenerLoop(EngineCore engine, DataListener listener) {
        this.engine = engine;
        this.listener = listener;
    }

    @Override
    public void run() {
        run(engine.lendTo(this));
    }

    /** Begins with a piece that it was lent already. */
    void run(@Nullable Chunk first) {
        Chunk chunk = first;
        while (chunk != null) {
            int bytes = chunk.data().remaining();
            chunk = give(chunk, bytes) ? engine.exchange(chunk, bytes, this) : null;
        }
    }

    /** Returns whether the listener is done with the piece, which it has still, and ready for another. */
    private boolean give(Chunk chunk, int bytes) {
        CompletionStage<?> pending;
        try {
            CompletionStage<?> wanted = listener.onData(chunk.data());
            pending = wanted == null || isDoneWell(wanted) ? null : wanted;
        } catch (Throwable t) {
            engine.takeBack(chunk, bytes);
            done.completeExceptionally(t);
            return false;
        }
        if (pending == null) {
            return true;
        }
        engine.noteListenerWaits();
        pending.whenComplete((ignored, failure) -> {
            engine.takeBack(chunk, bytes);
            if (failure == null) {
                engine.callback(this).run();
            } else {
                done.completeExceptionally(failure);
            }
        });
        return false;
    }

    private static boolean isDoneWell(CompletionStage<?> stage) {
        if (!(stage instanceof CompletableFuture<?>)) {
            return false;
        }
        // Not every future tells whether it is done: one that is a mere stage throws.
        CompletableFuture<?> future = stage.toCompletableFuture();
        return future.isDone() && !future.isCompletedExceptionally();
    }
}
