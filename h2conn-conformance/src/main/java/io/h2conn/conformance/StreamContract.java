package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** The stream views: the same connection behind java.io's types. */
interface StreamContract {
    @BothWays
    default void theViewsAreTheSameObjectsEveryTime(DuplexConnection near, DuplexConnection far) {
        assertThat(near.input()).isSameAs(near.input()).isNotSameAs(far.input());
        assertThat(near.output()).isSameAs(near.output());
    }

    @BothWays
    default void theViewsAndTheChannelShareTheirState(DuplexConnection near, DuplexConnection far) throws Exception {
        near.output().write('a');
        near.write(Bytes.of("b"));
        near.output().write(new byte[] {'x', 'c', 'x'}, 1, 1);
        near.output().flush();
        assertThat(far.input().read()).isEqualTo('a');
        assertThat(Bytes.readText(far, 1)).isEqualTo("b");
        assertThat(far.input().readNBytes(1)).containsExactly('c');
    }

    @BothWays
    default void aByteIsReadUnsigned(DuplexConnection near, DuplexConnection far) throws Exception {
        near.output().write(0x1ff);
        assertThat(far.input().read()).isEqualTo(0xff);
    }

    @BothWays
    default void aStreamReadsToTheEnd(DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        byte[] sent = Bytes.random(scale.blockBytes());
        Task<Boolean> writing = Task.run(() -> {
            near.output().write(sent);
            near.output().close();
        });
        assertThat(far.input().skip(10)).isEqualTo(10);
        assertThat(far.input().readNBytes(5)).containsExactly(Arrays.copyOfRange(sent, 10, 15));
        assertThat(far.input().readAllBytes()).containsExactly(Arrays.copyOfRange(sent, 15, sent.length));
        writing.get();
    }

    @BothWays
    default void whatIsAvailableCanBeReadWithoutWaiting(DuplexConnection near, DuplexConnection far) throws Exception {
        assertThat(near.input().available()).isZero();
        far.write(Bytes.of("abc"));
        assertThat(near.input().read()).isEqualTo('a');
        int available = near.input().available();
        assertThat(available).isBetween(0, 2);
        assertThat(near.input().readNBytes(available)).hasSize(available);
        assertThat(near.input().readNBytes(2 - available)).hasSize(2 - available);
    }

    /** {@code readNBytes} ends with such a read: were that to fail, bytes that it already has would be lost. */
    @BothWays
    default void aReadOfNothingIsNoneEvenAfterAFailure(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setReadDeadline(Instant.EPOCH);
        assertThat(near.input().read(new byte[4], 4, 0)).isZero();
        far.abort();
        Await.result(near.closed());
        assertThat(near.input().read(new byte[4], 2, 0)).isZero();
        assertThat(near.input().readNBytes(0)).isEmpty();
    }

    @BothWays
    default void aViewRefusesARangeOutsideItsArray(DuplexConnection near, DuplexConnection far) throws Exception {
        byte[] array = new byte[4];
        for (int[] range : List.of(new int[] {-1, 1}, new int[] {0, 5}, new int[] {3, 2}, new int[] {1, -1})) {
            assertThatThrownBy(() -> near.input().read(array, range[0], range[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> near.output().write(array, range[0], range[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        near.write(Bytes.of("x"));
        assertThat(Bytes.readText(far, 1)).isEqualTo("x");
    }

    @BothWays
    default void closingTheOutputViewOnlyEndsThatHalf(DuplexConnection near, DuplexConnection far) throws Exception {
        near.output().write('x');
        near.output().close();
        assertThat(near.isOpen()).isTrue();
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("x");
        far.write(Bytes.of("still here"));
        assertThat(Bytes.readText(near, 10)).isEqualTo("still here");
        assertThatThrownBy(() -> near.output().write('y')).isInstanceOf(ConnectionClosedException.class);
    }

    @BothWays
    default void closingTheInputViewDiscardsWhatComesAndKeepsThePeerWriting(
            DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        far.write(Bytes.of("unread"));
        near.input().close();
        near.input().close();
        assertThat(near.isOpen()).isTrue();
        assertThatThrownBy(() -> near.read(ByteBuffer.allocate(8)))
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessageContaining("input");
        // More than any window holds: credit must come back for what nobody reads.
        for (int i = 0; i < 3; i++) {
            far.write(ByteBuffer.wrap(Bytes.random(scale.bulkBytes())));
        }
        near.write(Bytes.of("writing goes on"));
        assertThat(Bytes.readText(far, 15)).isEqualTo("writing goes on");

        far.closeOutput();
        near.closeOutput();
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        var reason = Await.result(near.closed());
        assertThat(reason.isOrderly()).isTrue();
        assertThat(reason.bytesReceived()).isEqualTo(6 + 3L * scale.bulkBytes());
    }

    @BothWays
    default void closingTheInputViewGivesCreditForWhatWasUnread(
            DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        Flood flood = Flood.into(far).awaitStalled();
        near.input().close();
        long stalledAt = flood.accepted();
        Await.until(() -> flood.accepted() > stalledAt + scale.bulkBytes(), "the peer can write again");
        far.abort();
        flood.failure();
    }

    @BothWays
    default void closingTheInputViewWakesItsReader(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading = Task.start(() -> near.input().read()).awaitBlocked();
        var async = near.readAsync();
        near.input().close();
        assertThat(reading.failure()).isInstanceOf(ConnectionClosedException.class);
        assertThat(Await.failure(async)).isInstanceOf(ConnectionClosedException.class);
        near.write(Bytes.of("x"));
        assertThat(Bytes.readText(far, 1)).isEqualTo("x");
    }
}
