package io.h2conn.internal;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When calls in one direction stop waiting: a point in time for all of them, a time limit for each from its own start, or
 * both. Kept on the monotonic clock, so that a step of the wall clock after the setting changes nothing. Immutable, so that
 * all connections without limits share {@link #UNLIMITED}.
 */
final class Deadline {
    /** No limit. */
    static final long NONE = Long.MAX_VALUE;

    /** Nanoseconds, about 146 years: far enough, and safe to add to any reading of the clock. */
    private static final long FOREVER = Long.MAX_VALUE / 2;

    /** Waits for ever. */
    static final Deadline UNLIMITED = new Deadline(false, 0, 0);

    private final boolean absolute;
    private final long at;
    private final long timeout;

    private Deadline(boolean absolute, long at, long timeout) {
        this.absolute = absolute;
        this.at = at;
        this.timeout = timeout;
    }

    static long timeout(String what, Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException(what + " must not be negative but was " + limit);
        }
        return nanos(limit);
    }

    /** The same with another point in time for all calls, or none. */
    Deadline withPoint(@Nullable Instant point) {
        return point == null
                ? new Deadline(false, 0, timeout)
                : new Deadline(true, System.nanoTime() + nanos(Duration.between(Instant.now(), point)), timeout);
    }

    /** The same with another time limit for each call; 0 for none. */
    Deadline withTimeout(long nanos) {
        return new Deadline(absolute, at, nanos);
    }

    /** The own limit of a call that starts now: a reading of the clock, or {@link #NONE}. */
    long start() {
        return timeout == 0 ? NONE : System.nanoTime() + timeout;
    }

    /** Whether a call with that own limit has any limit at all. */
    boolean limits(long limit) {
        return absolute || limit != NONE;
    }

    /** Nanoseconds until a call with that own limit must stop waiting, zero or less if it is late, or {@link #NONE}. */
    long remaining(long limit) {
        if (!limits(limit)) {
            return NONE;
        }
        long now = System.nanoTime();
        long untilDeadline = absolute ? at - now : NONE;
        long untilLimit = limit == NONE ? NONE : limit - now;
        return Math.min(untilDeadline, untilLimit);
    }

    /** Whether a call with that own limit is late. */
    boolean isOver(long limit) {
        return remaining(limit) <= 0;
    }

    /** Ends a call that is late. */
    void check(long limit, DuplexConnection connection, String call, int bytes) throws ConnectionTimeoutException {
        if (isOver(limit)) {
            throw timeout(limit, connection, call, bytes);
        }
    }

    /** What to end a late call with. */
    ConnectionTimeoutException timeout(long limit, DuplexConnection connection, String call, int bytes) {
        boolean ownLimit = limit != NONE && limit - System.nanoTime() <= 0;
        return new ConnectionTimeoutException(
                call + " on " + connection.id() + " timed out "
                        + (ownLimit ? "after " + Durations.text(Duration.ofNanos(timeout)) : "at its deadline")
                        + " with " + bytes
                        + " bytes transferred; the connection is still open",
                bytes);
    }

    /** Writes down what limits there are. */
    void describe(String direction, long now, Consumer<String> lines) {
        if (timeout > 0) {
            lines.accept(direction + " timeout " + Durations.text(Duration.ofNanos(timeout)));
        }
        if (absolute) {
            lines.accept(direction + " deadline "
                    + (at >= now ? "in " + Durations.passed(at - now) : Durations.passed(now - at) + " ago"));
        }
    }

    private static long nanos(Duration duration) {
        if (duration.compareTo(Duration.ofNanos(FOREVER)) > 0) {
            return FOREVER;
        }
        if (duration.compareTo(Duration.ofNanos(-FOREVER)) < 0) {
            return -FOREVER;
        }
        return duration.toNanos();
    }
}
