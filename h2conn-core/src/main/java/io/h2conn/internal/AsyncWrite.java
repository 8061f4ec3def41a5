package io.h2conn.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An asynchronous write that waits for its turn or for room. Its buffer is read under the engine's lock only. */
final class AsyncWrite {
    final ByteBuffer src;
    final long limit;
    final CompletableFuture<@Nullable Void> future = new CompletableFuture<>();
    private final int start;
    /** A reading of the clock, if it waits. */
    long since;

    AsyncWrite(ByteBuffer src, long limit) {
        this.src = src;
        this.start = src.position();
        this.limit = limit;
    }

    /** Bytes accepted so far. */
    int taken() {
        return src.position() - start;
    }

    /** Tells the user. */
    void finish(@Nullable IOException failure) {
        if (failure == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(failure);
        }
    }
}
