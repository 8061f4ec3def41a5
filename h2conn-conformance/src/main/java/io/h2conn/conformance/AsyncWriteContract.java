package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.nio.channels.WritePendingException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Writing without a thread: at most one waits, and that one is the backpressure. */
interface AsyncWriteContract {
    @BothWays
    default void anAsynchronousWriteIsDoneAtOnceWhileThereIsRoom(DuplexConnection near, DuplexConnection far)
            throws Exception {
        ByteBuffer bytes = Bytes.of("room");
        assertThat(near.writeAsync(bytes)).isDone();
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(Bytes.readText(far, 4)).isEqualTo("room");
    }

    @BothWays
    default void anAsynchronousWriteTakesMoreThanTheSendBufferHolds(
            DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        CompletableFuture<@Nullable Void> writing = near.writeAsync(Bytes.pattern(0, 2 * scale.bulkBytes()));
        Bytes.readPattern(far, 0, 2L * scale.bulkBytes());
        Await.result(writing);
    }

    @BothWays
    default void anAsynchronousWriteWaitsForThePeer(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        CompletableFuture<@Nullable Void> waiting = near.writeAsync(Bytes.pattern(filled, 1000));
        Await.never(waiting::isDone, "an asynchronous write is accepted beyond the window and the send buffer");
        Bytes.readPattern(far, 0, filled + 1000);
        Await.result(waiting);
    }

    @BothWays
    default void aSecondAsynchronousWriteIsRefusedAndAcceptsNothing(DuplexConnection near, DuplexConnection far)
            throws Exception {
        long filled = Flood.fill(near);
        CompletableFuture<@Nullable Void> first = near.writeAsync(Bytes.pattern(filled, 100));
        ByteBuffer refused = Bytes.of("refused");
        assertThatThrownBy(() -> near.writeAsync(refused)).isInstanceOf(WritePendingException.class);
        assertThat(refused.position()).isZero();
        Bytes.readPattern(far, 0, filled + 100);
        Await.result(first);
        near.closeOutput();
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @BothWays
    default void asynchronousWritesOneAfterTheOtherArriveInOrder(
            DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        int piece = scale.blockBytes() / 64;
        Task<Boolean> writing = Task.run(() -> {
            for (int i = 0; i < 64; i++) {
                Await.result(near.writeAsync(Bytes.pattern((long) i * piece, piece)));
            }
            near.closeOutput();
        });
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(64L * piece);
        writing.get();
    }

    @BothWays
    default void theNextWriteMayStartFromTheOnesFuture(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        int piece = scale.blockBytes() / 64;
        CompletableFuture<@Nullable Void> all = CompletableFuture.completedFuture(null);
        for (int i = 0; i < 64; i++) {
            long at = (long) i * piece;
            all = all.thenCompose(ignored -> near.writeAsync(Bytes.pattern(at, piece)));
        }
        Bytes.readPattern(far, 0, 64L * piece);
        Await.result(all);
    }

    @BothWays
    default void cancellingAWriteDoesNotTakeItsBytesBack(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.writeAsync(Bytes.pattern(filled, 1000)).cancel(true);
        Task<Integer> next = Task.start(() -> near.write(Bytes.pattern(filled + 1000, 10)));
        Bytes.readPattern(far, 0, filled + 1010);
        assertThat(next.get()).isEqualTo(10);
    }

    @BothWays
    default void anAsynchronousWriteFailsWhenThisSideCloses(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Flood.fill(near);
        CompletableFuture<@Nullable Void> waiting = near.writeAsync(Bytes.of("x"));
        CompletableFuture<@Nullable Void> closing = near.closeAsync();
        assertThat(Await.failure(waiting)).isInstanceOf(ConnectionClosedException.class);
        far.abort();
        Await.until(closing::isDone, "close returns");
    }
}
