package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Deadlines and timeouts: they end calls, never the connection, and lose nothing. */
interface DeadlineContract {
    Duration SHORT = Duration.ofMillis(25);

    @BothWays
    default void aWriteTimeoutSaysExactlyHowMuchWasAccepted(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        int length = 2 * scale.bulkBytes();
        ByteBuffer big = Bytes.pattern(0, length);
        near.setWriteTimeout(SHORT.multipliedBy(2));
        ConnectionTimeoutException timeout = timeoutOf(() -> near.write(big));
        assertThat(timeout.bytesTransferred)
                .isEqualTo(big.position())
                .isPositive()
                .isLessThan(length);

        near.setWriteTimeout(Duration.ZERO);
        int accepted = big.position();
        Task<Boolean> rest = Task.run(() -> {
            near.write(ByteBuffer.wrap(Bytes.repeat((byte) 0x5a, 1000)));
            near.write(big);
            near.closeOutput();
        });
        Bytes.readPattern(far, 0, accepted);
        assertThat(Bytes.read(far, 1000)).isEqualTo(Bytes.repeat((byte) 0x5a, 1000));
        assertThat(Bytes.readPatternToEnd(far, accepted)).isEqualTo(length - accepted);
        rest.get();
    }

    @BothWays
    default void aGatheringWriteThatTimesOutMovesThePositionsByWhatWasAccepted(
            DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.setWriteTimeout(SHORT);
        ByteBuffer[] parts = {Bytes.pattern(filled, 10), Bytes.pattern(filled + 10, 10)};
        ConnectionTimeoutException timeout = timeoutOf(() -> near.write(parts));
        assertThat(parts[0].position() + parts[1].position()).isEqualTo(timeout.bytesTransferred);
        near.setWriteTimeout(Duration.ZERO);
        near.closeOutput();
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled + timeout.bytesTransferred);
    }

    @BothWays
    default void theStreamViewsTimeOutAlike(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setReadTimeout(SHORT);
        assertThatThrownBy(() -> near.input().read()).isInstanceOf(SocketTimeoutException.class);
        long filled = Flood.fill(near);
        near.setWriteTimeout(SHORT);
        byte[] more = Bytes.pattern(filled, 500).array();
        ConnectionTimeoutException timeout = timeoutOf(() -> near.output().write(more));
        near.closeOutput();
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled + timeout.bytesTransferred);
    }

    @BothWays
    default void aTimeoutIsTypedAndLeavesTheConnectionOpen(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.setReadTimeout(SHORT);
        ConnectionTimeoutException timeout = timeoutOf(() -> near.read(ByteBuffer.allocate(8)));
        assertThat(timeout).isInstanceOf(SocketTimeoutException.class);
        assertThat(timeout.origin()).isEqualTo(Origin.LOCAL);
        assertThat(timeout.errorCode()).isNull();
        assertThat(timeout.bytesTransferred).isZero();
        assertThat(timeout.getMessage()).contains(near.id()).contains("still open");
        assertThat(near.isOpen()).isTrue();
        assertThat(far.isOpen()).isTrue();
        assertThat(near.closed().toCompletableFuture()).isNotDone();
    }

    @BothWays
    default void aReadDeadlineDoesNotDisturbWrites(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        near.setReadDeadline(Instant.EPOCH);
        Task<Long> reading = Task.start(() -> Bytes.readPatternToEnd(far, 0));
        near.write(Bytes.pattern(0, scale.blockBytes()));
        near.flush();
        near.closeOutput();
        assertThat(reading.get()).isEqualTo(scale.blockBytes());
        timeoutOf(() -> near.read(ByteBuffer.allocate(8)));
    }

    @BothWays
    default void aWriteDeadlineDoesNotDisturbReads(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        near.setWriteDeadline(Instant.EPOCH);
        Task<Boolean> writing = Task.run(() -> {
            far.write(Bytes.pattern(0, scale.blockBytes()));
            far.closeOutput();
        });
        assertThat(Bytes.readPatternToEnd(near, 0)).isEqualTo(scale.blockBytes());
        writing.get();
        assertThat(timeoutOf(() -> near.write(Bytes.of("x"))).bytesTransferred).isZero();
    }

    @BothWays
    default void aDeadlineInThePastIgnoresWhatIsThere(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("there"));
        assertThat(Bytes.readText(near, 1)).isEqualTo("t");
        near.setReadDeadline(Instant.MIN);
        ByteBuffer bytes = ByteBuffer.allocate(8);
        timeoutOf(() -> near.read(bytes));
        assertThat(bytes.position()).isZero();
        near.setReadDeadline(Instant.MAX);
        assertThat(Bytes.readText(near, 4)).isEqualTo("here");
    }

    @BothWays
    default void aDeadlineMovedAwayInTimeSparesTheCallThatWaits(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.setReadDeadline(Instant.now().plus(SHORT.multipliedBy(4)));
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        near.setReadDeadline(null);
        // Longer than the first deadline: this is what must not end the read.
        assertThat(Await.becomes(reading::isDone, SHORT.multipliedBy(5))).isFalse();
        far.write(Bytes.of("x"));
        assertThat(reading.get()).isEqualTo(1);
    }

    @BothWays
    default void aReadTimeoutCountsFromEachReadsOwnStart(DuplexConnection near, DuplexConnection far) throws Exception {
        Duration limit = Duration.ofMillis(500);
        near.setReadTimeout(limit);
        long start = System.nanoTime();
        for (int i = 0; i < 4; i++) {
            // Each byte comes well within the limit, all together come after it.
            Task<Integer> reading = Task.start(() -> near.read(ByteBuffer.allocate(8)));
            assertThat(Await.becomes(reading::isDone, limit.dividedBy(3))).isFalse();
            far.write(Bytes.of("x"));
            assertThat(reading.get()).isEqualTo(1);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(limit);
    }

    @BothWays
    default void theEarlierOfDeadlineAndTimeoutCounts(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setReadDeadline(Instant.now().plusSeconds(60));
        near.setReadTimeout(SHORT);
        timeoutOf(() -> near.read(ByteBuffer.allocate(8)));
        near.setReadTimeout(Duration.ofSeconds(60));
        near.setReadDeadline(Instant.now().plus(SHORT));
        timeoutOf(() -> near.read(ByteBuffer.allocate(8)));
        near.setReadDeadline(null);
        near.setReadTimeout(Duration.ZERO);
        far.write(Bytes.of("x"));
        assertThat(Bytes.readText(near, 1)).isEqualTo("x");
    }

    @BothWays
    default void aWriteTimeoutAppliesToWritesAndFlushes(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.setWriteTimeout(SHORT);
        long first = timeoutOf(() -> near.write(Bytes.pattern(filled, 1000))).bytesTransferred;
        long second = timeoutOf(() -> near.write(Bytes.pattern(filled + first, 1000))).bytesTransferred;
        timeoutOf(near::flush);
        Task<Boolean> reading = Task.run(() -> Bytes.readPattern(far, 0, filled + first + second));
        near.setWriteTimeout(Duration.ZERO);
        near.flush();
        reading.get();
    }

    @BothWays
    default void zeroMeansNoLimit(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setReadTimeout(SHORT);
        near.setReadTimeout(Duration.ZERO);
        Task<Integer> reading = Task.start(() -> near.read(ByteBuffer.allocate(8)));
        assertThat(Await.becomes(reading::isDone, SHORT.multipliedBy(2))).isFalse();
        far.write(Bytes.of("x"));
        assertThat(reading.get()).isEqualTo(1);
    }

    @BothWays
    default void aVeryLongTimeoutIsNoTimeout(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setReadTimeout(Duration.ofSeconds(Long.MAX_VALUE));
        near.setWriteTimeout(Duration.ofSeconds(Long.MAX_VALUE));
        near.write(Bytes.of("x"));
        far.write(Bytes.of("y"));
        assertThat(Bytes.readText(near, 1)).isEqualTo("y");
        assertThat(Bytes.readText(far, 1)).isEqualTo("x");
    }

    @BothWays
    default void negativeTimeoutsAreRefused(DuplexConnection near, DuplexConnection far) {
        Duration negative = Duration.ofNanos(-1);
        for (Task.Action call :
                List.<Task.Action>of(() -> near.setReadTimeout(negative), () -> near.setWriteTimeout(negative))) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(negative.toString());
        }
    }

    @BothWays
    default void anAsynchronousReadKeepsTheDeadlineAndLosesNothing(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.setReadTimeout(SHORT);
        assertThat(Await.failure(near.readAsync())).isInstanceOf(ConnectionTimeoutException.class);
        near.setReadTimeout(Duration.ZERO);

        CompletableFuture<@Nullable ByteBuffer> pending = near.readAsync();
        near.setReadDeadline(Instant.now().plus(SHORT));
        assertThat(Await.failure(pending)).isInstanceOf(ConnectionTimeoutException.class);

        near.setReadDeadline(Instant.EPOCH);
        far.write(Bytes.of("late"));
        assertThat(Await.failure(near.readAsync())).isInstanceOf(ConnectionTimeoutException.class);
        near.setReadDeadline(null);
        assertThat(Bytes.readText(near, 4)).isEqualTo("late");
    }

    @BothWays
    default void anAsynchronousWriteKeepsTheDeadlineAndSaysHowMuchWasAccepted(
            DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        ByteBuffer big = Bytes.pattern(0, 2 * scale.bulkBytes());
        CompletableFuture<@Nullable Void> pending = near.writeAsync(big);
        near.setWriteDeadline(Instant.now().plus(SHORT.multipliedBy(2)));
        Throwable failure = Await.failure(pending);
        assertThat(failure).isInstanceOf(ConnectionTimeoutException.class);
        int accepted = ((ConnectionTimeoutException) failure).bytesTransferred;
        assertThat(accepted).isPositive().isEqualTo(big.position());

        assertThat(Await.failure(near.writeAsync(big))).isInstanceOf(ConnectionTimeoutException.class);
        assertThat(big.position()).isEqualTo(accepted);
        near.setWriteDeadline(null);
        near.closeOutput();
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(accepted);
    }

    @BothWays
    default void aReadDeadlineDoesNotApplyToAListener(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setReadDeadline(Instant.EPOCH);
        near.setReadTimeout(Duration.ofNanos(1));
        Collector heard = new Collector();
        CompletableFuture<@Nullable Void> listening = near.listen(heard);
        far.write(Bytes.of("heard"));
        far.closeOutput();
        Await.result(listening);
        assertThat(heard.text()).isEqualTo("heard");
    }

    private static ConnectionTimeoutException timeoutOf(Task.Action call) {
        try {
            call.run();
        } catch (ConnectionTimeoutException e) {
            return e;
        } catch (Exception e) {
            throw new AssertionError("the call must time out, but failed: " + e, e);
        }
        throw new AssertionError("the call must time out, but returned");
    }
}
