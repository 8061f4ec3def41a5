package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Closing: orderly, bounded, and never silent about a loss. */
interface CloseContract {
    /** Short enough to wait for in a test. */
    Duration CLOSE_TIMEOUT = Duration.ofMillis(100);

    private static ConnectionOptions shortClose(Connector connector) {
        return connector.options().closeTimeout(CLOSE_TIMEOUT);
    }

    /** So much that not all of it can leave when a reset, on its way, gives back the window of what it drops. */
    private static ConnectionOptions largeSendBuffer(Connector connector) {
        return connector.options().sendBufferBytes(connector.scale().bulkBytes() / 2);
    }

    @BothWays
    default void aCloseDeliversWhatWasAcceptedAndEndsTheOutput(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.write(Bytes.of("words"));
        near.close();
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("words");
        far.close();
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
        assertThat(Await.result(far.closed()).isOrderly()).isTrue();
    }

    @BothWays
    default void aCloseWaitsUntilTheSendBufferIsEmpty(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        Task<Boolean> closing = Task.run(near::close).awaitBlocked();
        Await.never(closing::isDone, "close returns with a full send buffer");
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled);
        closing.get();
    }

    @BothWays
    default void aCloseDoesNotWaitForThePeersEnd(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        long start = System.nanoTime();
        near.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(near.closed().toCompletableFuture()).isNotDone();

        // What the peer still sends is discarded, more of it than any window holds, and no reset cuts it short.
        far.write(ByteBuffer.wrap(Bytes.random(scale.bulkBytes())));
        far.write(ByteBuffer.wrap(Bytes.random(scale.bulkBytes())));
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        far.close();
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
        assertThat(Await.result(far.closed()).isOrderly()).isTrue();
        assertThat(Await.result(near.closed()).bytesReceived()).isEqualTo(2L * scale.bulkBytes());
    }

    @BothWays
    default void aPeerThatDoesNotEndIsResetAtTheCloseTimeout(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(shortClose(connector));
        long start = System.nanoTime();
        ends.near().close();
        CloseReason far = Await.result(ends.far().closed());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(CLOSE_TIMEOUT.dividedBy(2));
        assertThat(far.origin()).isEqualTo(Origin.PEER);
        assertThat(far.code()).isEqualTo(connector.near().lingeringResetCode());
        // The end came before the reset: it stays readable, only writing fails.
        assertThat(ends.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThatThrownBy(() -> ends.far().write(Bytes.of("x"))).isInstanceOf(ConnectionResetException.class);
        assertThat(Await.result(ends.near().closed()).code())
                .isEqualTo(connector.near().lingeringResetCode());
        assertThat(Await.result(ends.near().closed()).origin()).isEqualTo(Origin.LOCAL);
    }

    @BothWays
    default void aCloseThatCannotDeliverTimesOutAndResets(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(shortClose(connector));
        Flood.fill(ends.near());
        assertThatThrownBy(ends.near()::close).isInstanceOf(ConnectionTimeoutException.class);
        CloseReason far = Await.result(ends.far().closed());
        assertThat(far.failure()).isInstanceOf(ConnectionResetException.class);
        assertThat(far.origin()).isEqualTo(Origin.PEER);
        assertThatThrownBy(() -> Bytes.readPatternToEnd(ends.far(), 0)).isInstanceOf(ConnectionResetException.class);
        assertThat(Await.result(ends.near().closed()).bytesNotDelivered()).isPositive();
    }

    @BothWays
    default void aCloseReportsAcceptedBytesThatAResetDropped(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(largeSendBuffer(connector));
        Flood.fill(ends.near());
        ends.far().abort(ErrorCode.ENHANCE_YOUR_CALM);
        assertThat(Await.result(ends.near().closed()).bytesNotDelivered()).isPositive();
        assertThatThrownBy(ends.near()::close).isInstanceOfSatisfying(ConnectionResetException.class, e -> {
            assertThat(e.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
            assertThat(e.origin()).isEqualTo(Origin.PEER);
        });
    }

    @BothWays
    default void aCloseAfterAResetThatDroppedNothingIsSilent(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.write(Bytes.of("sent"));
        near.flush();
        far.abort();
        Await.result(near.closed());
        near.close();
        far.close();
    }

    @BothWays
    default void aCloseIsSilentIfThePeerEndedAndWantedNoMore(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(largeSendBuffer(connector));
        Flood.fill(ends.far());
        ends.near().closeOutput();
        assertThat(ends.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        ends.near().abort(ErrorCode.NO_ERROR);
        assertThat(Await.result(ends.far().closed()).bytesNotDelivered()).isPositive();
        ends.far().close();
    }

    @BothWays
    default void aCloseWakesWhoeverWaits(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        Task<Integer> second = Task.start(() -> near.input().read()).awaitBlocked();
        Flood flood = Flood.into(near).awaitStalled();
        Task<Boolean> flushing = Task.run(near::flush).awaitBlocked();
        Task<Integer> writing = Task.start(() -> near.write(Bytes.of("next"))).awaitBlocked();

        Task<Boolean> closing = Task.run(near::close);

        List<Throwable> ends =
                List.of(reading.failure(), second.failure(), flood.failure(), flushing.failure(), writing.failure());
        for (Throwable end : ends) {
            assertThat(end).isInstanceOf(AsynchronousCloseException.class);
            assertThat(end).isInstanceOf(ConnectionClosedException.class);
            assertThat(end.getMessage()).contains("close");
        }
        far.abort();
        Await.until(closing::isDone, "close returns");
    }

    @BothWays
    default void aCloseWithAHalfAcceptedWriteResetsInsteadOfEnding(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Flood flood = Flood.into(near).awaitStalled();
        Task<Boolean> closing = Task.run(near::close);
        assertThat(flood.failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThatThrownBy(() -> Bytes.readPatternToEnd(far, 0))
                .isInstanceOfSatisfying(
                        ConnectionResetException.class,
                        e -> assertThat(e.origin()).isEqualTo(Origin.PEER));
        assertThat(Await.result(near.closed()).isOrderly()).isFalse();
        Await.until(closing::isDone, "close returns");
    }

    @BothWays
    default void closingAgainDoesNothingMore(DuplexConnection near, DuplexConnection far) throws Exception {
        near.write(Bytes.of("once"));
        List<Task<Boolean>> closing = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closing.add(Task.run(near::close));
        }
        for (Task<Boolean> close : closing) {
            close.get();
        }
        near.close();
        assertThat(Await.result(near.closeAsync())).isNull();
        near.closeOutput();
        near.input().close();
        near.output().close();
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("once");
    }

    @BothWays
    default void bothEndsMayCloseAtTheSameTime(Connector connector) throws Exception {
        for (int i = 0; i < 10; i++) {
            Connector.Ends ends = connector.connect();
            ends.near().write(Bytes.of("unread"));
            ends.far().write(Bytes.of("unread"));
            Task<Boolean> other = Task.run(ends.far()::close);
            ends.near().close();
            other.get();
            assertThat(Await.result(ends.near().closed()).isOrderly()).isTrue();
            assertThat(Await.result(ends.far().closed()).isOrderly()).isTrue();
        }
    }

    @BothWays
    default void callsAfterACloseSayThatThisSideClosed(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("unread"));
        near.close();
        assertThat(near.isOpen()).isFalse();
        List<Task.Action> calls = List.of(
                () -> near.read(ByteBuffer.allocate(8)),
                () -> near.input().read(),
                () -> near.write(Bytes.of("x")),
                () -> near.output().write('x'),
                () -> Await.done(near.readAsync()),
                () -> Await.done(near.writeAsync(Bytes.of("x"))),
                () -> Await.done(near.listen(data -> null)));
        for (Task.Action call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("close()");
        }
    }

    @BothWays
    default void aDeadlineDoesNotHurryAClose(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.setDeadline(Instant.EPOCH);
        Task<Boolean> closing = Task.run(near::close).awaitBlocked();
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled);
        closing.get();
    }

    @BothWays
    default void anInterruptedCloseGoesOnInTheBackground(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        Task<Boolean> closing = Task.start(() -> {
            assertThatThrownBy(near::close).isInstanceOf(InterruptedIOException.class);
            return Thread.currentThread().isInterrupted();
        });
        closing.awaitBlocked().interrupt();
        assertThat(closing.get()).isTrue();
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled);
        far.close();
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
    }

    @BothWays
    default void closeAsyncDoesNotBlock(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        // On this thread: a call that blocked would end in the test's timeout.
        CompletableFuture<?> closing = near.closeAsync();
        assertThat(near.isOpen()).isFalse();
        Await.never(closing::isDone, "closeAsync completes with a full send buffer");
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled);
        Await.result(closing);
    }

    @BothWays
    default void closeAsyncFailsAsCloseWould(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(shortClose(connector));
        Flood.fill(ends.near());
        assertThat(Await.failure(ends.near().closeAsync())).isInstanceOf(ConnectionTimeoutException.class);
    }
}
