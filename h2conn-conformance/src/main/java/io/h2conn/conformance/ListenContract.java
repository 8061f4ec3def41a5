package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Listening: every piece once, in order, one at a time, at the listener's pace. */
interface ListenContract {
    @BothWays
    default void aListenerHearsEverythingAndThenTheEnd(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        byte[] sent = Bytes.random(scale.bulkBytes());
        Collector heard = new Collector();
        CompletableFuture<@Nullable Void> listening = near.listen(heard);
        Task<Boolean> writing = Task.run(() -> {
            far.write(ByteBuffer.wrap(sent));
            far.closeOutput();
        });
        Await.result(listening);
        assertThat(Arrays.equals(heard.bytes(), sent)).isTrue();
        assertThat(near.isOpen()).isTrue();
        near.write(Bytes.of("open"));
        assertThat(Bytes.readText(far, 4)).isEqualTo("open");
        writing.get();
    }

    @BothWays
    default void aListenerHearsWhatCameBeforeIt(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("early"));
        far.closeOutput();
        assertThat(Bytes.readText(near, 1)).isEqualTo("e");
        Collector heard = new Collector();
        Await.result(near.listen(heard));
        assertThat(heard.text()).isEqualTo("arly");
    }

    @BothWays
    default void aListenerOfAnEndedInputHearsOnlyTheEnd(DuplexConnection near, DuplexConnection far) throws Exception {
        far.closeOutput();
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        Collector heard = new Collector();
        Await.result(near.listen(heard));
        assertThat(heard.size()).isZero();
    }

    @BothWays
    default void callsOfAListenerNeverOverlap(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        AtomicBoolean inside = new AtomicBoolean();
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger heard = new AtomicInteger();
        CompletableFuture<@Nullable Void> listening = near.listen(data -> {
            if (!inside.compareAndSet(false, true)) {
                overlaps.incrementAndGet();
            }
            heard.addAndGet(data.remaining());
            Thread.onSpinWait();
            inside.set(false);
            return null;
        });
        for (int i = 0; i < scale.blockBytes(); i += 64) {
            far.write(ByteBuffer.allocate(64));
        }
        far.closeOutput();
        Await.result(listening);
        assertThat(overlaps.get()).isZero();
        assertThat(heard.get()).isEqualTo(scale.blockBytes());
    }

    @BothWays
    default void anIncompleteStageHoldsBackTheNextPieceAndThePeer(
            DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        Queue<CompletableFuture<@Nullable Void>> stages = new ConcurrentLinkedQueue<>();
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<@Nullable Void> listening = near.listen(data -> {
            CompletableFuture<@Nullable Void> stage = new CompletableFuture<>();
            stages.add(stage);
            calls.incrementAndGet();
            return stage;
        });
        Flood flood = Flood.into(far).awaitStalled();
        assertThat(flood.accepted()).isLessThan(4L * scale.bulkBytes());
        assertThat(calls.get()).isEqualTo(1);

        stages.remove().complete(null);
        Await.until(() -> calls.get() == 2, "the next piece comes when the stage is complete");
        Await.never(() -> calls.get() > 2, "a piece comes before the stage is complete");
        far.abort();
        flood.failure();
        Await.result(near.closed());
        assertThat(listening).isNotDone();
        stages.remove().complete(null);
        assertThat(Await.failure(listening)).isInstanceOf(ConnectionResetException.class);
    }

    @BothWays
    default void stagesCompletedElsewhereKeepTheListenerGoing(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        byte[] sent = Bytes.random(scale.blockBytes());
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        CompletableFuture<@Nullable Void> listening = near.listen(data -> CompletableFuture.runAsync(() -> {
            // Read on another thread: the buffer is lent until the stage completes.
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            heard.writeBytes(piece);
        }));
        Task<Boolean> writing = Task.run(() -> {
            far.write(ByteBuffer.wrap(sent));
            far.closeOutput();
        });
        Await.result(listening);
        assertThat(heard.toByteArray()).isEqualTo(sent);
        writing.get();
    }

    @BothWays
    default void aListenerMayEchoWithoutAThread(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        CompletableFuture<@Nullable Void> echoing = near.listen(near::writeAsync);
        Task<Boolean> writing = Task.run(() -> {
            far.write(Bytes.pattern(0, scale.blockBytes()));
            far.closeOutput();
        });
        Bytes.readPattern(far, 0, scale.blockBytes());
        Await.result(echoing);
        writing.get();
    }

    @BothWays
    default void aPieceIsTakenWholeHoweverMuchTheListenerLooksAt(DuplexConnection near, DuplexConnection far)
            throws Exception {
        AtomicInteger offered = new AtomicInteger();
        CompletableFuture<@Nullable Void> listening = near.listen(data -> {
            offered.addAndGet(data.remaining());
            if (data.remaining() > 1) {
                data.get();
            }
            return null;
        });
        for (int i = 0; i < 10; i++) {
            far.write(Bytes.of("abcde"));
        }
        far.closeOutput();
        Await.result(listening);
        assertThat(offered.get()).isEqualTo(50);
    }

    @BothWays
    default void anExceptionOfTheListenerEndsTheListeningOnly(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Exception thrown = new Exception("the listener gave up");
        CompletableFuture<@Nullable Void> listening = near.listen(data -> {
            throw thrown;
        });
        far.write(Bytes.of("x"));
        assertThat(Await.failure(listening)).isSameAs(thrown);
        assertThat(near.isOpen()).isTrue();
        near.write(Bytes.of("open"));
        assertThat(Bytes.readText(far, 4)).isEqualTo("open");
    }

    @BothWays
    default void aFailedStageEndsTheListeningOnly(DuplexConnection near, DuplexConnection far) throws Exception {
        Exception failure = new Exception("the stage failed");
        CompletableFuture<@Nullable Void> late = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> listening = near.listen(data -> late);
        far.write(Bytes.of("x"));
        late.completeExceptionally(failure);
        assertThat(Await.failure(listening)).isSameAs(failure);
        assertThat(near.isOpen()).isTrue();
    }

    @BothWays
    default void aListenerFailsAsAReadWould(Connector connector) throws Exception {
        Connector.Ends reset = connector.connect();
        CompletableFuture<@Nullable Void> listening = reset.near().listen(new Collector());
        reset.far().abort(ErrorCode.INTERNAL_ERROR);
        assertThat(Await.failure(listening))
                .isInstanceOfSatisfying(
                        ConnectionResetException.class,
                        e -> assertThat(e.errorCode()).isEqualTo(ErrorCode.INTERNAL_ERROR));

        Connector.Ends closed = connector.connect();
        listening = closed.near().listen(new Collector());
        closed.near().close();
        assertThat(Await.failure(listening)).isInstanceOf(ConnectionClosedException.class);

        Connector.Ends discarded = connector.connect();
        listening = discarded.near().listen(new Collector());
        discarded.near().input().close();
        assertThat(Await.failure(listening)).isInstanceOf(ConnectionClosedException.class);
    }

    @BothWays
    default void thereIsOneListenerAndNoOtherReader(DuplexConnection near, DuplexConnection far) throws Exception {
        Collector heard = new Collector();
        CompletableFuture<@Nullable Void> listening = near.listen(heard);
        assertThatThrownBy(() -> near.listen(new Collector())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> near.read(ByteBuffer.allocate(8))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> near.input().read()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(near::readAsync).isInstanceOf(IllegalStateException.class);
        far.write(Bytes.of("all of it"));
        far.closeOutput();
        Await.result(listening);
        assertThat(heard.text()).isEqualTo("all of it");
    }

    @BothWays
    default void aReadThatWaitsKeepsAListenerOut(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        assertThatThrownBy(() -> near.listen(new Collector())).isInstanceOf(IllegalStateException.class);
        far.write(Bytes.of("x"));
        assertThat(reading.get()).isEqualTo(1);

        CompletableFuture<@Nullable ByteBuffer> waiting = near.readAsync();
        assertThatThrownBy(() -> near.listen(new Collector())).isInstanceOf(IllegalStateException.class);
        far.write(Bytes.of("y"));
        assertThat(Await.result(waiting)).isNotNull();
    }

    @BothWays
    default void aListenerMayCloseItsConnection(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletableFuture<CompletableFuture<?>> closing = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> listening = near.listen(data -> {
            closing.complete(near.closeAsync());
            return null;
        });
        far.write(Bytes.of("x"));
        assertThat(Await.failure(listening)).isInstanceOf(ConnectionClosedException.class);
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        far.close();
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
        Await.done(Await.result(closing));
    }
}
