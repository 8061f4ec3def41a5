package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Half-close: each direction ends on its own. */
interface EndContract {
    @BothWays
    default void oneHalfEndsWhileTheOtherGoesOn(DuplexConnection near, DuplexConnection far) throws Exception {
        near.write(Bytes.of("question"));
        near.closeOutput();
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("question");
        for (int i = 0; i < 3; i++) {
            far.write(Bytes.of("answer"));
            assertThat(Bytes.readText(near, 6)).isEqualTo("answer");
        }
        assertThat(near.isOpen()).isTrue();
        assertThat(far.isOpen()).isTrue();
        far.closeOutput();
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        requireOrderly(near, Origin.LOCAL, 18, 8);
        requireOrderly(far, Origin.PEER, 8, 18);
    }

    @BothWays
    default void thePeersHalfMayEndFirst(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("bye"));
        far.closeOutput();
        assertThat(Bytes.readTextToEnd(near)).isEqualTo("bye");
        near.write(Bytes.of("and one more"));
        near.closeOutput();
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("and one more");
        requireOrderly(near, Origin.PEER, 3, 12);
        requireOrderly(far, Origin.LOCAL, 12, 3);
    }

    @BothWays
    default void bothHalvesMayEndAtTheSameTime(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Boolean> other = Task.run(() -> {
            far.write(Bytes.of("from far"));
            far.closeOutput();
        });
        near.write(Bytes.of("from near"));
        near.closeOutput();
        assertThat(Bytes.readTextToEnd(near)).isEqualTo("from far");
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("from near");
        other.get();
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
        assertThat(Await.result(far.closed()).isOrderly()).isTrue();
    }

    @BothWays
    default void bothHalvesMayEndWithoutAByte(DuplexConnection near, DuplexConnection far) throws Exception {
        near.closeOutput();
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        far.closeOutput();
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        requireOrderly(near, Origin.LOCAL, 0, 0);
    }

    @BothWays
    default void endingTwiceDoesNothingMore(DuplexConnection near, DuplexConnection far) throws Exception {
        near.write(Bytes.of("x"));
        near.closeOutput();
        near.closeOutput();
        near.output().close();
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("x");
        near.closeOutput();
        far.write(Bytes.of("y"));
        assertThat(Bytes.readText(near, 1)).isEqualTo("y");
    }

    @BothWays
    default void aWriteAfterTheEndSaysWhatToDo(DuplexConnection near, DuplexConnection far) throws Exception {
        near.closeOutput();
        List<Task.Action> writes = List.of(
                () -> near.write(Bytes.of("x")),
                () -> near.write(new ByteBuffer[] {Bytes.of("x")}),
                () -> near.output().write('x'),
                () -> Await.done(near.writeAsync(Bytes.of("x"))));
        for (Task.Action write : writes) {
            assertThatThrownBy(write::run)
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("closeOutput")
                    .hasMessageContaining("new connection");
        }
        near.flush();
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @BothWays
    default void endingDoesNotWaitForThePeersWindow(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        // On this thread: a call that blocked would end in the test's timeout.
        near.closeOutput();
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled);
        near.flush();
    }

    @BothWays
    default void aWriteThatWaitsIsCompletedOrRefusedWhenAnotherThreadEndsTheOutput(
            DuplexConnection near, DuplexConnection far) throws Exception {
        Flood flood = Flood.into(near).awaitStalled();
        Task<Boolean> ending = Task.run(near::closeOutput);
        Task<Long> reading = Task.start(() -> Bytes.readPatternToEnd(far, 0));
        assertThat(flood.failure()).isInstanceOf(ConnectionClosedException.class);
        ending.get();
        assertThat(reading.get()).isEqualTo(flood.accepted());
    }

    @BothWays
    default void trailersArriveWithTheEnd(DuplexConnection near, DuplexConnection far) throws Exception {
        assertThat(far.info().trailers()).isNull();
        near.write(Bytes.of("data"));
        near.closeOutput(trailers());
        assertThat(Bytes.readTextToEnd(far)).isEqualTo("data");
        HttpHeaders received = Objects.requireNonNull(far.info().trailers());
        assertThat(received.firstValue("x-outcome")).contains("done");
        assertThat(received.allValues("x-part")).containsExactly("one", "two");
        assertThat(near.info().trailers()).isNull();
    }

    @BothWays
    default void trailersArriveBehindAFullWindow(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.closeOutput(trailers());
        assertThat(Bytes.readPatternToEnd(far, 0)).isEqualTo(filled);
        assertThat(far.info().trailers()).isNotNull();
    }

    @BothWays
    default void trailersArriveWithoutData(DuplexConnection near, DuplexConnection far) throws Exception {
        near.closeOutput(trailers());
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(far.info().trailers()).isNotNull();
    }

    @BothWays
    default void trailersAfterTheEndAreIgnored(DuplexConnection near, DuplexConnection far) throws Exception {
        near.closeOutput();
        near.closeOutput(trailers());
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(far.info().trailers()).isNull();
    }

    @BothWays
    default void trailersWithIllegalNamesAreRefused(DuplexConnection near, DuplexConnection far) throws Exception {
        for (String name : List.of(":status", "content-length", "transfer-encoding", "a b")) {
            assertThatThrownBy(() -> near.closeOutput(headers(name, "1"))).isInstanceOf(IllegalArgumentException.class);
        }
        near.write(Bytes.of("still open"));
        assertThat(Bytes.readText(far, 10)).isEqualTo("still open");
    }

    private static HttpHeaders trailers() {
        return HttpHeaders.of(
                Map.of("x-outcome", List.of("done"), "x-part", List.of("one", "two")), (name, value) -> true);
    }

    private static HttpHeaders headers(String name, String value) {
        return HttpHeaders.of(Map.of(name, List.of(value)), (n, v) -> true);
    }

    private static void requireOrderly(DuplexConnection end, Origin first, long received, long sent) throws Exception {
        CloseReason reason = Await.result(end.closed());
        assertThat(reason.failure()).isNull();
        assertThat(reason.isOrderly()).isTrue();
        assertThat(reason.code()).isEqualTo(ErrorCode.NO_ERROR);
        assertThat(reason.origin()).isEqualTo(first);
        assertThat(reason.bytesReceived()).isEqualTo(received);
        assertThat(reason.bytesSent()).isEqualTo(sent);
        assertThat(reason.bytesNotDelivered()).isZero();
    }
}
