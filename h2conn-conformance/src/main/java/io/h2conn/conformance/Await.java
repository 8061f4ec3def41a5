package io.h2conn.conformance;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Waits on predicates, always for a bounded time. */
final class Await {
    /** Longer than anything that works takes, on a loaded machine too. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** How long something is watched that must not happen. It would happen within microseconds. */
    private static final Duration WATCH = Duration.ofMillis(30);

    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private Await() {}

    static void until(BooleanSupplier condition, String description) {
        if (!becomes(condition, LIMIT)) {
            throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + description);
        }
    }

    /** Whether it comes true in time. */
    static boolean becomes(BooleanSupplier condition, Duration limit) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > limit.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    /** Passes if it stays false for a little while: long enough to catch what is wrong most of the time, never wrongly. */
    static void never(BooleanSupplier condition, String description) {
        if (becomes(condition, WATCH)) {
            throw new AssertionError("this must not happen: " + description);
        }
    }

    static <T extends @Nullable Object> T result(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the future did not complete within " + LIMIT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new AssertionError("the future failed: " + e.getCause(), e.getCause());
        }
    }

    /** The result of a read that must bring bytes. */
    static ByteBuffer bytes(CompletionStage<@Nullable ByteBuffer> read) throws Exception {
        ByteBuffer bytes = result(read);
        if (bytes == null) {
            throw new AssertionError("the read must bring bytes, but the input has ended");
        }
        return bytes;
    }

    /** Waits for the stage, and throws what it fails with, as the blocking call in its place would. */
    static void done(CompletionStage<?> stage) throws Exception {
        try {
            stage.toCompletableFuture().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the future did not complete within " + LIMIT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** What the stage fails with. */
    static Throwable failure(CompletionStage<?> stage) throws InterruptedException {
        try {
            Object value = stage.toCompletableFuture().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            throw new AssertionError("the future must fail, but completed with " + value);
        } catch (TimeoutException e) {
            throw new AssertionError("the future did not fail within " + LIMIT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }
}
