package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Reading: at least a byte, or the end, and never one for the other. */
interface ReadContract {
    @BothWays
    default void aReadReturnsWhatIsThereWithoutWaitingForMore(DuplexConnection near, DuplexConnection far)
            throws Exception {
        far.write(Bytes.of("abc"));
        ByteBuffer bytes = ByteBuffer.allocate(100);
        while (bytes.position() < 3) {
            assertThat(near.read(bytes)).isBetween(1, 3);
        }
        assertThat(Bytes.text(bytes.flip())).isEqualTo("abc");
    }

    @BothWays
    default void aReadWaitsForTheFirstByte(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        far.write(Bytes.of("x"));
        assertThat(reading.get()).isEqualTo(1);
    }

    @BothWays
    default void aBufferWithoutRoomReadsZeroBytes(DuplexConnection near, DuplexConnection far) throws Exception {
        assertThat(near.read(ByteBuffer.allocate(0))).isZero();
        far.write(Bytes.of("x"));
        assertThat(near.read(ByteBuffer.allocate(4).position(4))).isZero();
        assertThat(near.input().read(new byte[4], 2, 0)).isZero();
        assertThat(Bytes.readText(near, 1)).isEqualTo("x");
    }

    @BothWays
    default void theEndIsReportedAgainAndAgain(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("last"));
        far.closeOutput();
        assertThat(Bytes.readText(near, 4)).isEqualTo("last");
        for (int i = 0; i < 3; i++) {
            assertThat(near.read(ByteBuffer.allocate(8))).isEqualTo(-1);
            assertThat(near.input().read()).isEqualTo(-1);
            assertThat(near.input().read(new byte[8])).isEqualTo(-1);
            assertThat(Await.result(near.readAsync())).isNull();
        }
    }

    @BothWays
    default void theEndAloneIsReported(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        far.closeOutput();
        assertThat(reading.get()).isEqualTo(-1);
        assertThat(near.isOpen()).isTrue();
    }

    @BothWays
    default void theEndComesAfterMoreDataThanAnyWindowHolds(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        long total = 2L * scale.bulkBytes() + 1;
        Task<Boolean> writing = Task.run(() -> {
            far.write(Bytes.pattern(0, scale.bulkBytes()));
            far.write(Bytes.pattern(scale.bulkBytes(), scale.bulkBytes() + 1));
            far.closeOutput();
        });
        assertThat(Bytes.readPatternToEnd(near, 0)).isEqualTo(total);
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        writing.get();
    }

    @BothWays
    default void theEndWaitsBehindUnreadData(DuplexConnection near, DuplexConnection far) throws Exception {
        long total = Flood.fill(far);
        far.closeOutput();
        Await.never(() -> near.closed().toCompletableFuture().isDone(), "the connection ends with unread data");
        assertThat(Bytes.readPatternToEnd(near, 0)).isEqualTo(total);
    }

    @BothWays
    default void readersOnManyThreadsEachGetOtherBytes(DuplexConnection near, DuplexConnection far) throws Exception {
        AtomicIntegerArray seen = new AtomicIntegerArray(256 * 8);
        List<Task<Boolean>> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            readers.add(Task.run(() -> {
                ByteBuffer number = ByteBuffer.allocate(1);
                while (near.read(number.clear()) == 1) {
                    seen.incrementAndGet(number.get(0) & 0xff);
                }
            }));
        }
        for (int i = 0; i < 2048; i++) {
            far.write(ByteBuffer.wrap(new byte[] {(byte) i}));
        }
        far.closeOutput();
        for (Task<Boolean> reader : readers) {
            reader.get();
        }
        for (int i = 0; i < 256; i++) {
            assertThat(seen.get(i)).isEqualTo(8);
        }
    }

    @BothWays
    default void aBlockedReaderAndAnAsynchronousOneBothGetServed(DuplexConnection near, DuplexConnection far)
            throws Exception {
        var async = near.readAsync();
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(1))).awaitBlocked();
        far.write(Bytes.of("a"));
        Await.until(() -> async.isDone() || reading.isDone(), "one of the readers gets the byte");
        far.write(Bytes.of("b"));
        assertThat(reading.get()).isEqualTo(1);
        assertThat(Await.bytes(async).remaining()).isEqualTo(1);
    }

    @BothWays
    default void anyKindOfBufferTakesTheBytes(DuplexConnection near, DuplexConnection far) throws Exception {
        ByteBuffer wrapped = Bytes.of("____________").position(4).limit(8);
        for (ByteBuffer into : List.of(ByteBuffer.allocateDirect(4), wrapped, wrapped.slice())) {
            far.write(Bytes.of("1234567"));
            int start = into.position();
            while (into.hasRemaining()) {
                near.read(into);
            }
            assertThat(Bytes.text(into.position(start))).isEqualTo("1234");
            assertThat(Bytes.readText(near, 3)).isEqualTo("567");
        }
        assertThat(wrapped.get(3)).isEqualTo((byte) '_');
        assertThat(wrapped.limit(9).get(8)).isEqualTo((byte) '_');
    }

    @BothWays
    default void aReadOnlyBufferIsRefusedAndLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("kept"));
        assertThatThrownBy(() -> near.read(ByteBuffer.allocate(8).asReadOnlyBuffer()))
                .isInstanceOfAny(IllegalArgumentException.class, ReadOnlyBufferException.class);
        assertThat(Bytes.readText(near, 4)).isEqualTo("kept");
    }
}
