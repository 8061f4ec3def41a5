package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.DuplexConnection;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Reading without a thread: futures that lose nothing, however they are given up. */
interface AsyncReadContract {
    @BothWays
    default void anAsynchronousReadGetsWhatComes(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletableFuture<@Nullable ByteBuffer> early = near.readAsync();
        Await.never(early::isDone, "a read completes without data");
        far.write(Bytes.of("a"));
        assertThat(Bytes.text(Await.bytes(early))).isEqualTo("a");

        far.write(Bytes.of("b"));
        assertThat(Bytes.text(Await.bytes(near.readAsync()))).isEqualTo("b");
    }

    @BothWays
    default void anAsynchronousReadReportsTheEndAsNull(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletableFuture<@Nullable ByteBuffer> pending = near.readAsync();
        far.closeOutput();
        assertThat(Await.result(pending)).isNull();
        assertThat(Await.result(near.readAsync())).isNull();
    }

    @BothWays
    default void asynchronousReadsGetEverythingInOrder(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        byte[] sent = Bytes.random(scale.blockBytes());
        Task<Boolean> writing = Task.run(() -> {
            far.write(ByteBuffer.wrap(sent));
            far.closeOutput();
        });
        List<ByteBuffer> pieces = new ArrayList<>();
        for (ByteBuffer piece = Await.result(near.readAsync()); piece != null; piece = Await.result(near.readAsync())) {
            assertThat(piece.hasRemaining()).isTrue();
            pieces.add(piece);
        }
        // Looked at only now: each piece is the caller's own, whatever was read after it.
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        for (ByteBuffer piece : pieces) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            received.writeBytes(bytes);
        }
        assertThat(received.toByteArray()).isEqualTo(sent);
        writing.get();
    }

    @BothWays
    default void aSecondAsynchronousReadIsRefused(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletableFuture<@Nullable ByteBuffer> first = near.readAsync();
        assertThatThrownBy(near::readAsync).isInstanceOf(ReadPendingException.class);
        far.write(Bytes.of("x"));
        assertThat(Bytes.text(Await.bytes(first))).isEqualTo("x");
        CompletableFuture<@Nullable ByteBuffer> next = near.readAsync();
        far.closeOutput();
        assertThat(Await.result(next)).isNull();
    }

    @BothWays
    default void aCancelledReadLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletableFuture<@Nullable ByteBuffer> cancelled = near.readAsync();
        assertThat(cancelled.cancel(true)).isTrue();
        far.write(Bytes.of("for the next"));
        assertThat(Bytes.readText(near, 12)).isEqualTo("for the next");
        assertThat(cancelled).isCancelled();
    }

    @BothWays
    default void aReadThatItsCallerTimedOutLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletableFuture<@Nullable ByteBuffer> timedOut = near.readAsync().orTimeout(10, TimeUnit.MILLISECONDS);
        assertThat(Await.failure(timedOut)).isInstanceOf(TimeoutException.class);
        CompletableFuture<@Nullable ByteBuffer> replaced =
                near.readAsync().completeOnTimeout(ByteBuffer.allocate(0), 10, TimeUnit.MILLISECONDS);
        assertThat(Await.bytes(replaced).hasRemaining()).isFalse();
        far.write(Bytes.of("later"));
        assertThat(Bytes.readText(near, 5)).isEqualTo("later");
    }

    @BothWays
    default void aReadCompletedByItsCallerLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        assertThat(near.readAsync().complete(ByteBuffer.allocate(0))).isTrue();
        assertThat(near.readAsync().completeExceptionally(new IllegalStateException("given up")))
                .isTrue();
        far.write(Bytes.of("x"));
        assertThat(Bytes.text(Await.bytes(near.readAsync()))).isEqualTo("x");
    }

    @BothWays
    default void cancellingWhileDataArrivesLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        int total = 3000;
        Task<Boolean> writing = Task.run(() -> {
            for (int i = 0; i < total; i++) {
                far.write(Bytes.pattern(i, 1));
            }
            far.closeOutput();
        });
        int received = 0;
        boolean ended = false;
        while (!ended) {
            CompletableFuture<@Nullable ByteBuffer> read = near.readAsync();
            if (received % 3 == 0) {
                Thread.onSpinWait();
            }
            if (!read.cancel(false)) {
                ByteBuffer bytes = read.join();
                ended = bytes == null;
                if (bytes != null) {
                    Bytes.requirePattern(bytes, received);
                    received += bytes.remaining();
                }
            }
        }
        assertThat(received).isEqualTo(total);
        writing.get();
    }

    @BothWays
    default void anAsynchronousReadFailsWhenThisSideCloses(DuplexConnection near, DuplexConnection far)
            throws Exception {
        CompletableFuture<@Nullable ByteBuffer> pending = near.readAsync();
        near.close();
        assertThat(Await.failure(pending)).isInstanceOf(ConnectionClosedException.class);
    }
}
