package io.h2conn.testkit;

import io.h2conn.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a network does to one direction of a connection. Immutable: each method that sets something returns a copy.
 *
 * <pre>{@code
 * NetworkConditions mobile = NetworkConditions.perfect()
 *         .latency(Duration.ofMillis(80), Duration.ofMillis(40))
 *         .bandwidth(50_000)
 *         .loseAt(10_000);
 * }</pre>
 *
 * <p><b>Byte N.</b> {@link #resetAt}, {@link #loseAt} and {@link #freezeAt} count the bytes of this direction. The first
 * {@code N} arrive, and not one more: neither another byte nor the end of the output. With 0, the fault is there from the
 * start. A direction that ends before is spared.
 *
 * <p>A reset or a loss makes a connection drop what has arrived and was not read. So that a test has the same outcome each
 * time, those two strike when the receiving side has <em>read</em> all {@code N} bytes, and not while it is still at it: a
 * handler gets these bytes, and then the failure. A handler that does not read them is not struck; {@link FaultyPair#lose()}
 * and {@link FaultyPair#reset} do not wait for anything.
 */
public final class NetworkConditions {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final NetworkConditions PERFECT = new NetworkConditions(0, 0, Way.NONE, Way.NONE, Way.NONE, null);

    private final long latencyNanos;
    private final long jitterNanos;
    private final long bytesPerSecond;
    private final long fragmentBytes;
    private final long freezeAt;
    private final @Nullable Breakage breakage;

    private NetworkConditions(
            long latencyNanos,
            long jitterNanos,
            long bytesPerSecond,
            long fragmentBytes,
            long freezeAt,
            @Nullable Breakage breakage) {
        this.latencyNanos = latencyNanos;
        this.jitterNanos = jitterNanos;
        this.bytesPerSecond = bytesPerSecond;
        this.fragmentBytes = fragmentBytes;
        this.freezeAt = freezeAt;
        this.breakage = breakage;
    }

    /**
     * A network without delay, bound or fault: what is written arrives at once, and as it was written.
     *
     * @return the conditions to start from
     */
    public static NetworkConditions perfect() {
        return PERFECT;
    }

    /**
     * Delays everything on its way.
     *
     * @param latency one way; zero to a day
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code latency} is negative or more than a day
     */
    public NetworkConditions latency(Duration latency) {
        return latency(latency, Duration.ZERO);
    }

    /**
     * Delays everything on its way, by a time that varies. The order is kept: what would overtake waits, as in TCP.
     *
     * @param latency the least delay, one way; zero to a day
     * @param jitter what each piece may take longer, zero to a day; the seed decides how much
     * @return a copy with this setting
     * @throws IllegalArgumentException if either is negative or more than a day
     */
    public NetworkConditions latency(Duration latency, Duration jitter) {
        return new NetworkConditions(
                nanos("latency", latency), nanos("jitter", jitter), bytesPerSecond, fragmentBytes, freezeAt, breakage);
    }

    /**
     * Limits how much arrives in a second. It arrives evenly: in pieces of a hundredth of a second, if not in smaller
     * {@linkplain #fragments fragments}.
     *
     * @param bytesPerSecond at least 1
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytesPerSecond} is less than 1
     */
    public NetworkConditions bandwidth(long bytesPerSecond) {
        atLeast("bytesPerSecond", 1, bytesPerSecond);
        return new NetworkConditions(latencyNanos, jitterNanos, bytesPerSecond, fragmentBytes, freezeAt, breakage);
    }

    /**
     * Cuts what is written, so that it arrives in pieces of 1 to {@code largestBytes} bytes; 1 is byte by byte. The seed decides
     * where. What is written in one call and what the peer's window lets through is never joined, so it is cut there as well.
     *
     * @param largestBytes at least 1
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code largestBytes} is less than 1
     */
    public NetworkConditions fragments(int largestBytes) {
        atLeast("largestBytes", 1, largestBytes);
        return new NetworkConditions(latencyNanos, jitterNanos, bytesPerSecond, largestBytes, freezeAt, breakage);
    }

    /**
     * Stops this direction at a byte, until {@link FaultyPair#thaw}: as {@link FaultyPair#freeze} at that moment.
     *
     * @param bytes how many arrive before, at least 0
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public NetworkConditions freezeAt(long bytes) {
        atLeast("bytes", 0, bytes);
        return new NetworkConditions(latencyNanos, jitterNanos, bytesPerSecond, fragmentBytes, bytes, breakage);
    }

    /**
     * Lets something in between, such as a proxy, reset the stream at a byte: both sides see a reset by their peer. Takes the
     * place of an earlier reset or loss of this direction.
     *
     * @param bytes how many the receiving side reads before, at least 0
     * @param code what both sides see
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public NetworkConditions resetAt(long bytes, ErrorCode code) {
        return breaking(bytes, Objects.requireNonNull(code, "code"), null);
    }

    /**
     * Lets one side reset the stream at a byte, as its own {@link io.h2conn.DuplexConnection#abort(ErrorCode)} does: the
     * reset travels to the other side as everything else does. Takes the place of an earlier reset or loss of this direction.
     *
     * @param bytes how many the receiving side reads before, at least 0
     * @param code why
     * @param by who resets; either side can, whichever sends in this direction
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public NetworkConditions resetAt(long bytes, ErrorCode code, Side by) {
        return breaking(bytes, Objects.requireNonNull(code, "code"), Objects.requireNonNull(by, "by"));
    }

    /**
     * Loses the session at a byte, as when a TCP connection is reset: both sides fail with
     * {@link io.h2conn.ConnectionLostException}. Takes the place of an earlier reset or loss of this direction.
     *
     * @param bytes how many the receiving side reads before, at least 0
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public NetworkConditions loseAt(long bytes) {
        return breaking(bytes, null, null);
    }

    /**
     * Loses the session at a byte, and only one side hears of it: as {@link FaultyPair#lose(Side)} at that moment. Takes the
     * place of an earlier reset or loss of this direction.
     *
     * @param bytes how many the receiving side reads before, at least 0
     * @param noticedBy who fails with {@link io.h2conn.ConnectionLostException}; the other side never hears anything again
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public NetworkConditions loseAt(long bytes, Side noticedBy) {
        return breaking(bytes, null, Objects.requireNonNull(noticedBy, "noticedBy"));
    }

    private NetworkConditions breaking(long bytes, @Nullable ErrorCode code, @Nullable Side side) {
        atLeast("bytes", 0, bytes);
        return new NetworkConditions(
                latencyNanos, jitterNanos, bytesPerSecond, fragmentBytes, freezeAt, new Breakage(bytes, code, side));
    }

    private static void atLeast(String name, long least, long value) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + " but was " + value);
        }
    }

    private static long nanos(String name, Duration duration) {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be from zero to a day but was " + duration);
        }
        return duration.toNanos();
    }

    long latencyNanos() {
        return latencyNanos;
    }

    long jitterNanos() {
        return jitterNanos;
    }

    /** {@link Way#NONE} for no limit. */
    long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** {@link Way#NONE} for no cuts. */
    long fragmentBytes() {
        return fragmentBytes;
    }

    /** {@link Way#NONE} for never. */
    long freezeAt() {
        return freezeAt;
    }

    @Nullable
    Breakage breakage() {
        return breakage;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NetworkConditions that
                && latencyNanos == that.latencyNanos
                && jitterNanos == that.jitterNanos
                && bytesPerSecond == that.bytesPerSecond
                && fragmentBytes == that.fragmentBytes
                && freezeAt == that.freezeAt
                && Objects.equals(breakage, that.breakage);
    }

    @Override
    public int hashCode() {
        return Objects.hash(latencyNanos, jitterNanos, bytesPerSecond, fragmentBytes, freezeAt, breakage);
    }

    /** For one, {@code latency 2 ms, fragments of up to 1 bytes, lost at byte 50}, or {@code perfect}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (latencyNanos + jitterNanos > 0) {
            parts.add("latency " + millis(latencyNanos)
                    + (jitterNanos == 0 ? "" : " to " + millis(latencyNanos + jitterNanos)));
        }
        if (bytesPerSecond != Way.NONE) {
            parts.add(bytesPerSecond + " bytes a second");
        }
        if (fragmentBytes != Way.NONE) {
            parts.add(fragmentBytes == 1 ? "byte by byte" : "fragments of 1 to " + fragmentBytes + " bytes");
        }
        if (freezeAt != Way.NONE) {
            parts.add("frozen at byte " + freezeAt);
        }
        if (breakage != null) {
            parts.add(breakage.toString());
        }
        return parts.isEmpty() ? "perfect" : String.join(", ", parts);
    }

    private static String millis(long nanos) {
        return nanos / 1_000_000.0 + " ms";
    }
}
