package io.h2conn;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How one connection behaves on this side; nothing here is seen by the peer. Immutable: each method that sets something
 * returns a copy.
 *
 * <pre>{@code
 * ConnectionOptions options = ConnectionOptions.defaults().sendBufferBytes(1 << 20).closeTimeout(Duration.ofSeconds(1));
 * }</pre>
 */
public final class ConnectionOptions {
    /** Bytes. The send buffer that a connection has unless told otherwise: two of the frames that a bulk write makes. */
    public static final int DEFAULT_SEND_BUFFER_BYTES = 128 * 1024;

    /** How long a close takes at most unless told otherwise. */
    public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private static final ConnectionOptions DEFAULTS = new ConnectionOptions(
            DEFAULT_SEND_BUFFER_BYTES, DEFAULT_CLOSE_TIMEOUT, Bounds.NONE, true, false, null, null);

    /** What ends a connection by itself; zero for what is off. */
    private record Bounds(Duration stall, Duration idle, Duration lifetime) {
        private static final Bounds NONE = new Bounds(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    private final int sendBufferBytes;
    private final Duration closeTimeout;
    private final Bounds bounds;
    private final boolean gatherWrites;
    private final boolean nonBlockingCallbacks;
    private final @Nullable Executor executor;
    private final @Nullable ConnectionObserver observer;

    private ConnectionOptions(
            int sendBufferBytes,
            Duration closeTimeout,
            Bounds bounds,
            boolean gatherWrites,
            boolean nonBlockingCallbacks,
            @Nullable Executor executor,
            @Nullable ConnectionObserver observer) {
        this.sendBufferBytes = sendBufferBytes;
        this.closeTimeout = closeTimeout;
        this.bounds = bounds;
        this.gatherWrites = gatherWrites;
        this.nonBlockingCallbacks = nonBlockingCallbacks;
        this.executor = executor;
        this.observer = observer;
    }

    /**
     * The settings that suit most applications.
     *
     * @return the defaults
     */
    public static ConnectionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Bounds what {@code write} accepts before the transport has taken it. Memory is used only while there is something
     * to send.
     *
     * @param bytes at least 1; {@value #DEFAULT_SEND_BUFFER_BYTES} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is less than 1
     */
    public ConnectionOptions sendBufferBytes(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("sendBufferBytes must be at least 1 but was " + bytes);
        }
        return new ConnectionOptions(
                bytes, closeTimeout, bounds, gatherWrites, nonBlockingCallbacks, executor, observer);
    }

    /**
     * The bound on {@code write}'s buffer.
     *
     * @return bytes
     */
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /**
     * Limits how long {@code close} waits for accepted bytes to be sent, and how long the peer's remaining input is
     * discarded afterwards, before the stream is reset.
     *
     * @param limit greater than zero; 5 seconds by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code limit} is zero or negative
     */
    public ConnectionOptions closeTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("closeTimeout must be greater than zero but was " + limit);
        }
        return new ConnectionOptions(
                sendBufferBytes, limit, bounds, gatherWrites, nonBlockingCallbacks, executor, observer);
    }

    /**
     * The bound on a close.
     *
     * @return greater than zero
     */
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /**
     * Chooses whether a quick burst of small writes gathers into fewer frames, held for about 100 microseconds at most.
     *
     * @param gather {@code true} by default; {@code false} sends every write at once, as long as the transport keeps up
     * @return a copy with this setting
     */
    public ConnectionOptions gatherWrites(boolean gather) {
        return new ConnectionOptions(
                sendBufferBytes, closeTimeout, bounds, gather, nonBlockingCallbacks, executor, observer);
    }

    /**
     * Whether bursts gather.
     *
     * @return {@code true} by default
     */
    public boolean gatherWrites() {
        return gatherWrites;
    }

    /**
     * Declares that the application's listeners, and everything that depends on this connection's futures, never block.
     * They then run on the thread that serves the transport, which saves a wake-up each time and is the fastest way to
     * answer. A mistake is costly: one blocked callback stalls every connection on the same TCP connection.
     *
     * @param declared {@code false} by default: callbacks run on the executor
     * @return a copy with this setting
     */
    public ConnectionOptions nonBlockingCallbacks(boolean declared) {
        return new ConnectionOptions(sendBufferBytes, closeTimeout, bounds, gatherWrites, declared, executor, observer);
    }

    /**
     * Whether callbacks were declared never to block.
     *
     * @return {@code false} by default
     */
    public boolean nonBlockingCallbacks() {
        return nonBlockingCallbacks;
    }

    /**
     * Sets where listeners and futures' dependents run. The executor is the application's own: it is never shut down by
     * this library. When it rejects a task, the task runs on the default executor instead, so that nothing is lost.
     *
     * @param executor the executor, or {@code null} for the default: the library's own threads, virtual ones on Java 21
     *     and later
     * @return a copy with this setting
     */
    public ConnectionOptions executor(@Nullable Executor executor) {
        return new ConnectionOptions(
                sendBufferBytes, closeTimeout, bounds, gatherWrites, nonBlockingCallbacks, executor, observer);
    }

    /**
     * The application's own executor.
     *
     * @return the executor, or {@code null} for the default
     */
    public @Nullable Executor executor() {
        return executor;
    }

    /**
     * Bounds how long accepted bytes may wait without any of them being written: the peer gives no window, or takes nothing
     * from the TCP connection. A connection that is stalled for so long is reset with {@link ErrorCode#CANCEL} and has
     * failed with {@link ConnectionTimeoutException}, also when nobody is in a call. A peer that takes a byte now and then
     * is slow, and not stalled. Looked at four times within the limit: a connection ends between once and 1.25 times the
     * limit after the last progress.
     *
     * @param limit zero for no limit, the default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public ConnectionOptions stallTimeout(Duration limit) {
        return bounds(new Bounds(notNegative("stallTimeout", limit), bounds.idle, bounds.lifetime));
    }

    /**
     * The bound on writing without progress.
     *
     * @return zero for no limit
     */
    public Duration stallTimeout() {
        return bounds.stall;
    }

    /**
     * Bounds how long a connection may live without a byte received or sent; heartbeats of its session do not count. One that
     * is idle for so long is reset with {@link ErrorCode#CANCEL} and has failed with {@link ConnectionTimeoutException}. Counted
     * from when this side's headers are out. Looked at four times within the limit: a connection ends between once and
     * 1.25 times the limit after the last byte.
     *
     * @param limit zero for no limit, the default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public ConnectionOptions idleTimeout(Duration limit) {
        return bounds(new Bounds(bounds.stall, notNegative("idleTimeout", limit), bounds.lifetime));
    }

    /**
     * The bound on living without traffic.
     *
     * @return zero for no limit
     */
    public Duration idleTimeout() {
        return bounds.idle;
    }

    /**
     * Bounds how long a connection lives, from when this side's headers are out. Then it is told that it drains
     * ({@link DuplexConnection#draining}), on this side only; if it is open still when {@link #closeTimeout} has passed as
     * well, it is reset with {@link ErrorCode#CANCEL} and has failed with {@link ConnectionTimeoutException}.
     *
     * @param limit zero for no limit, the default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public ConnectionOptions maxLifetime(Duration limit) {
        return bounds(new Bounds(bounds.stall, bounds.idle, notNegative("maxLifetime", limit)));
    }

    /**
     * The bound on a connection's life.
     *
     * @return zero for no limit
     */
    public Duration maxLifetime() {
        return bounds.lifetime;
    }

    private ConnectionOptions bounds(Bounds bounds) {
        return new ConnectionOptions(
                sendBufferBytes, closeTimeout, bounds, gatherWrites, nonBlockingCallbacks, executor, observer);
    }

    private static Duration notNegative(String name, Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative but was " + limit);
        }
        return limit;
    }

    /**
     * Sets who is told of the events of each connection's life. Without an observer nothing is noted and nothing is paid.
     *
     * @param observer told on threads that serve connections, so it must not block; or {@code null} for nobody, the default
     * @return a copy with this setting
     */
    public ConnectionOptions observer(@Nullable ConnectionObserver observer) {
        return new ConnectionOptions(
                sendBufferBytes, closeTimeout, bounds, gatherWrites, nonBlockingCallbacks, executor, observer);
    }

    /**
     * Who is told of events.
     *
     * @return the observer, or {@code null} for nobody
     */
    public @Nullable ConnectionObserver observer() {
        return observer;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionOptions that
                && sendBufferBytes == that.sendBufferBytes
                && closeTimeout.equals(that.closeTimeout)
                && bounds.equals(that.bounds)
                && gatherWrites == that.gatherWrites
                && nonBlockingCallbacks == that.nonBlockingCallbacks
                && Objects.equals(executor, that.executor)
                && Objects.equals(observer, that.observer);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                sendBufferBytes, closeTimeout, bounds, gatherWrites, nonBlockingCallbacks, executor, observer);
    }

    @Override
    public String toString() {
        return "ConnectionOptions[sendBufferBytes=" + sendBufferBytes + ", closeTimeout=" + closeTimeout
                + ", stallTimeout=" + bounds.stall + ", idleTimeout=" + bounds.idle + ", maxLifetime=" + bounds.lifetime
                + ", gatherWrites=" + gatherWrites + ", nonBlockingCallbacks=" + nonBlockingCallbacks + ", executor="
                + executor + ", observer=" + observer + "]";
    }
}
