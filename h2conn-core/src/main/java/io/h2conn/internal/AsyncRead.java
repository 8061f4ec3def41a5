package io.h2conn.internal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The future of one asynchronous read: the engine takes bytes off the queue only after it has claimed it. */
final class AsyncRead extends ClaimedFuture<@Nullable ByteBuffer> {
    final long limit;
    /** A reading of the clock. */
    final long since = System.nanoTime();

    AsyncRead(long limit) {
        this.limit = limit;
    }
}
