package io.h2conn.internal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous read: the engine takes bytes off the queue only after it has claimed it. */
final class AsyncRead extends ClaimedFuture<@Nullable ByteBuffer> {
    final long limit;
    /** A reading of the clock. */
    final long since = System.nanoTime();
    /** Where it was noted that somebody waits, if so. Guarded by the engine's lock. */
    @Nullable
    Lead parked;

    AsyncRead(long limit) {
        this.limit = limit;
    }

    /** It waits no more. */
    void unpark() {
        if (parked != null) {
            parked.unpark();
            parked = null;
        }
    }
}
