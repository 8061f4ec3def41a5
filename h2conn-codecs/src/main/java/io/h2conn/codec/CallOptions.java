package io.h2conn.codec;

import java.time.Duration;

/**
 * How one side makes and answers calls; nothing here is seen by the peer, and the two sides may differ.
 *
 * <pre>{@code
 * CallOptions options = CallOptions.defaults().withTimeout(Duration.ofSeconds(2)).withMaxPeerCalls(64);
 * }</pre>
 *
 * @param timeout how long a call waits for its reply unless it says otherwise, and how long {@link Calls#close()} waits for
 *     calls in progress; zero for no limit
 * @param maxCalls how many calls of this side may be in progress at a time, at least 1
 * @param maxPeerCalls how many calls of the peer may be in progress at a time, at least 1. Together with the codec's
 *     {@link Codec#maxMessageBytes()} this bounds the memory that a peer can make this side use
 */
public record CallOptions(Duration timeout, int maxCalls, int maxPeerCalls) {
    private static final CallOptions DEFAULTS = new CallOptions(Duration.ofSeconds(30), 1024, 256);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public CallOptions {
        requireNotNegative(timeout);
        requirePositive("maxCalls", maxCalls);
        requirePositive("maxPeerCalls", maxPeerCalls);
    }

    /**
     * What suits most applications: 30 seconds, 1024 calls of this side and 256 of the peer.
     *
     * @return the defaults
     */
    public static CallOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The same options with another {@link #timeout}.
     *
     * @param limit zero for no limit
     * @return a copy
     */
    public CallOptions withTimeout(Duration limit) {
        return new CallOptions(limit, maxCalls, maxPeerCalls);
    }

    /**
     * The same options with another {@link #maxCalls}.
     *
     * @param calls at least 1
     * @return a copy
     */
    public CallOptions withMaxCalls(int calls) {
        return new CallOptions(timeout, calls, maxPeerCalls);
    }

    /**
     * The same options with another {@link #maxPeerCalls}.
     *
     * @param calls at least 1
     * @return a copy
     */
    public CallOptions withMaxPeerCalls(int calls) {
        return new CallOptions(timeout, maxCalls, calls);
    }

    /** In nanoseconds, for waiting; the longest that there is for none. */
    static long nanos(Duration timeout) {
        requireNotNegative(timeout);
        try {
            return timeout.isZero() ? Long.MAX_VALUE : timeout.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE; // 292 years and more
        }
    }

    private static void requireNotNegative(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative but was " + timeout);
        }
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1 but was " + value);
        }
    }
}
