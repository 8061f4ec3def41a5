package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Writing: everything is accepted, or the call says how much was. */
interface WriteContract {
    /** Ten thousand times what gathering may take, since the machine may be busy elsewhere. */
    Duration PROMPTLY = Duration.ofSeconds(1);

    @BothWays
    default void aWriteTakesAllBytesAndMovesThePosition(DuplexConnection near, DuplexConnection far) throws Exception {
        ByteBuffer bytes = Bytes.of("__four__").position(2).limit(6);
        assertThat(near.write(bytes)).isEqualTo(4);
        assertThat(bytes.position()).isEqualTo(6);
        assertThat(bytes.limit()).isEqualTo(6);
        assertThat(Bytes.readText(far, 4)).isEqualTo("four");
    }

    @BothWays
    default void aWriteOfNothingSendsNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        assertThat(near.write(ByteBuffer.allocate(0))).isZero();
        assertThat(near.write(new ByteBuffer[0])).isZero();
        near.output().write(new byte[0]);
        assertThat(Await.result(near.writeAsync(ByteBuffer.allocate(0)))).isNull();
        near.write(Bytes.of("!"));
        assertThat(Bytes.readText(far, 1)).isEqualTo("!");
    }

    @BothWays
    default void anyKindOfBufferGivesItsBytes(DuplexConnection near, DuplexConnection far) throws Exception {
        ByteBuffer direct = ByteBuffer.allocateDirect(6).put(Bytes.of("direct")).flip();
        ByteBuffer sliced = Bytes.of("xsliced").position(1).slice();
        ByteBuffer readOnly = Bytes.of("constant").asReadOnlyBuffer();
        for (ByteBuffer from : List.of(direct, sliced, readOnly)) {
            near.write(from);
            assertThat(from.hasRemaining()).isFalse();
        }
        assertThat(Bytes.readText(far, 20)).isEqualTo("directslicedconstant");
    }

    @BothWays
    default void theCallersArrayIsItsOwnAgainAtReturn(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        int block = Math.min(scale.sendBufferBytes(), 1000);
        byte[] array = new byte[block];
        int blocks = scale.blockBytes() / block;
        Task<Boolean> writing = Task.run(() -> {
            for (int i = 0; i < blocks; i++) {
                Arrays.fill(array, (byte) i);
                near.write(ByteBuffer.wrap(array));
                Arrays.fill(array, (byte) 0xee);
            }
        });
        for (int i = 0; i < blocks; i++) {
            assertThat(Bytes.read(far, block)).isEqualTo(Bytes.repeat((byte) i, block));
        }
        writing.get();
    }

    @BothWays
    default void aWriteWaitsWhileThePeerDoesNotRead(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        Task<Integer> writing =
                Task.start(() -> near.write(Bytes.pattern(filled, 100))).awaitBlocked();
        Await.never(writing::isDone, "a write is accepted beyond the window and the send buffer");
        Bytes.readPattern(far, 0, filled + 100);
        assertThat(writing.get()).isEqualTo(100);
    }

    @BothWays
    default void aLoneWriteLeavesAtOnce(DuplexConnection near, DuplexConnection far) throws Exception {
        for (int i = 0; i < 5; i++) {
            near.write(Bytes.of("now"));
            assertThat(Bytes.readText(far, 3)).isEqualTo("now");
        }
    }

    @BothWays
    default void aBurstOfSmallWritesArrivesWithoutFlush(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        int bursts = 20;
        int writes = Math.min(scale.sendBufferBytes() / 4, 1000);
        for (int burst = 0; burst < bursts; burst++) {
            for (int i = 0; i < writes; i++) {
                near.write(Bytes.pattern((long) burst * writes + i, 1));
            }
            // Nothing follows that could push what was gathered.
            long start = System.nanoTime();
            Bytes.readPattern(far, (long) burst * writes, writes);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPTLY);
        }
    }

    @BothWays
    default void whatABurstGatheredLeavesBeforeAReadWaits(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Task<Boolean> answering = Task.run(() -> {
            for (int i = 0; i < 20; i++) {
                Bytes.read(far, 30);
                far.write(Bytes.of("!"));
            }
        });
        for (int i = 0; i < 20; i++) {
            for (int j = 0; j < 30; j++) {
                near.write(Bytes.of("."));
            }
            assertThat(Bytes.readText(near, 1)).isEqualTo("!");
        }
        answering.get();
    }

    @BothWays
    default void withoutGatheringABurstArrivesAsWell(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(connector.options().gatherWrites(false));
        int writes = Math.min(connector.scale().sendBufferBytes() / 4, 1000);
        for (int i = 0; i < writes; i++) {
            ends.near().write(Bytes.pattern(i, 1));
        }
        Bytes.readPattern(ends.far(), 0, writes);
        ends.near().closeOutput();
        assertThat(ends.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @BothWays
    default void aSendBufferOfOneByteIsEnough(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(connector.options().sendBufferBytes(1));
        Task<Boolean> writing = Task.run(() -> {
            ends.near().write(Bytes.pattern(0, 500));
            ends.near().closeOutput();
        });
        assertThat(Bytes.readPatternToEnd(ends.far(), 0)).isEqualTo(500);
        writing.get();
    }

    @BothWays
    default void aFlushReturnsWhenEverythingHasBeenSent(DuplexConnection near, DuplexConnection far) throws Exception {
        near.flush();
        near.write(Bytes.of("sent"));
        near.flush();
        // What the socket has, an abort cannot take back: it counts as sent.
        near.abort();
        var reason = Await.result(near.closed());
        assertThat(reason.bytesSent()).isEqualTo(4);
        assertThat(reason.bytesNotDelivered()).isZero();
    }

    @BothWays
    default void aFlushWaitsForThePeersWindow(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        Task<Boolean> flushing = Task.run(near::flush).awaitBlocked();
        Await.never(flushing::isDone, "a flush returns with a full send buffer");
        Bytes.readPattern(far, 0, filled);
        flushing.get();
    }

    @BothWays
    default void aFlushKeepsTheWriteDeadline(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.setWriteTimeout(Duration.ofMillis(20));
        assertThatThrownBy(near::flush).isInstanceOf(SocketTimeoutException.class);
        near.setWriteTimeout(Duration.ZERO);
        Bytes.readPattern(far, 0, filled);
        near.flush();
    }
}
