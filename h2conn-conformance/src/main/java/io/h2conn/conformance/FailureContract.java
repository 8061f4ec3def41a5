package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Resets: who did it, with which code, and that the first failure is the one that every call reports. */
interface FailureContract {
    @BothWays
    default void anAbortIsAResetOnBothSides(Connector connector) throws Exception {
        for (ErrorCode code :
                List.of(ErrorCode.CANCEL, ErrorCode.INTERNAL_ERROR, ErrorCode.of(0x2a), ErrorCode.of(-1))) {
            Connector.Ends ends = connector.connect();
            ends.near().abort(code);
            assertThat(ends.near().isOpen()).isFalse();
            requireReset(ends.near(), code, Origin.LOCAL);
            CloseReason reason = Await.result(ends.far().closed());
            assertThat(reason.origin()).as(reason.toString()).isEqualTo(Origin.PEER);
            assertThat(reason.code()).isEqualTo(code);
            assertThat(ends.far().isOpen()).isFalse();
            requireReset(ends.far(), code, Origin.PEER);
        }
    }

    @BothWays
    default void anAbortWithoutACodeCancels(DuplexConnection near, DuplexConnection far) throws Exception {
        near.abort();
        assertThat(Await.result(far.closed()).code()).isEqualTo(ErrorCode.CANCEL);
    }

    @BothWays
    default void anAbortWakesWhoeverWaitsOnEitherSide(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> nearReading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        Flood nearFlood = Flood.into(near).awaitStalled();
        Task<Boolean> flushing = Task.run(near::flush).awaitBlocked();
        Task<Integer> writing = Task.start(() -> near.write(Bytes.of("next"))).awaitBlocked();
        near.abort(ErrorCode.CONNECT_ERROR);
        for (Throwable end :
                List.of(nearReading.failure(), nearFlood.failure(), flushing.failure(), writing.failure())) {
            requireReset(end, ErrorCode.CONNECT_ERROR, Origin.LOCAL);
        }
        requireReset(far, ErrorCode.CONNECT_ERROR, Origin.PEER);
    }

    @BothWays
    default void aPeersResetWakesWhoeverWaits(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        Task<Integer> reading =
                Task.start(() -> near.read(ByteBuffer.allocate(8))).awaitBlocked();
        Flood flood = Flood.into(near).awaitStalled();
        var asyncRead = near.readAsync();
        var asyncWrite = near.writeAsync(Bytes.pattern(0, scale.bulkBytes()));
        far.abort(ErrorCode.INTERNAL_ERROR);
        for (Throwable end :
                List.of(reading.failure(), flood.failure(), Await.failure(asyncRead), Await.failure(asyncWrite))) {
            requireReset(end, ErrorCode.INTERNAL_ERROR, Origin.PEER);
        }
    }

    @BothWays
    default void anAbortDoesNotWaitForAnExhaustedWindow(DuplexConnection near, DuplexConnection far) throws Exception {
        Flood.fill(near);
        // On this thread: a call that blocked would end in the test's timeout.
        near.abort();
        assertThat(Await.result(near.closed()).bytesNotDelivered()).isPositive();
        requireReset(far, ErrorCode.CANCEL, Origin.PEER);
    }

    @BothWays
    default void anAbortDropsWhatIsUnread(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("unread"));
        assertThat(Bytes.readText(near, 2)).isEqualTo("un");
        near.abort();
        requireReset(near, ErrorCode.CANCEL, Origin.LOCAL);
    }

    @BothWays
    default void aPeersResetDropsWhatIsUnread(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("unread"));
        assertThat(Bytes.readText(near, 2)).isEqualTo("un");
        far.abort(ErrorCode.CANCEL);
        Await.result(near.closed());
        requireReset(near, ErrorCode.CANCEL, Origin.PEER);
    }

    @BothWays
    default void dataBeforeTheEndSurvivesALaterReset(Connector connector) throws Exception {
        DuplexConnection near = connector.first().near();
        DuplexConnection far = connector.first().far();
        far.write(Bytes.of("words"));
        far.closeOutput();
        far.flush();
        far.abort(ErrorCode.CANCEL);
        // Once this side knows of the reset, it has also got everything that was sent before.
        CloseReason reason = Await.result(near.closed());
        assertThat(reason.origin()).isEqualTo(Origin.PEER);

        if (connector.keepsInputBeforeTheEnd()) {
            assertThat(Bytes.readTextToEnd(near)).isEqualTo("words");
            assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        } else {
            requireAllOrAFailure(near, "words");
        }
        assertThatThrownBy(() -> near.write(Bytes.of("x")))
                .isInstanceOfSatisfying(ConnectionResetException.class, e -> {
                    assertThat(e.errorCode()).isEqualTo(ErrorCode.CANCEL);
                    assertThat(e.origin()).isEqualTo(Origin.PEER);
                });
    }

    @BothWays
    default void aResetAfterBothEndsIsNoEvent(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("all"));
        far.closeOutput();
        near.closeOutput();
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        far.abort();
        assertThat(Bytes.readTextToEnd(near)).isEqualTo("all");
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
    }

    @BothWays
    default void theFirstFailureIsWhatEveryLaterCallReports(DuplexConnection near, DuplexConnection far)
            throws Exception {
        far.abort(ErrorCode.ENHANCE_YOUR_CALM);
        Await.result(near.closed());
        near.abort(ErrorCode.CANCEL);
        far.abort(ErrorCode.INTERNAL_ERROR);
        for (int i = 0; i < 2; i++) {
            calls(near)
                    .forEach((name, call) -> assertThatThrownBy(call::run)
                            .as(name)
                            .isInstanceOfSatisfying(
                                    ConnectionResetException.class,
                                    e -> requireReset(e, ErrorCode.ENHANCE_YOUR_CALM, Origin.PEER)));
            calls(far)
                    .forEach((name, call) -> assertThatThrownBy(call::run)
                            .as(name)
                            .isInstanceOfSatisfying(
                                    ConnectionResetException.class,
                                    e -> requireReset(e, ErrorCode.ENHANCE_YOUR_CALM, Origin.LOCAL)));
        }
        assertThat(Await.result(near.closed()).code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        assertThat(Await.result(near.closed()).failure()).isInstanceOf(ConnectionFailure.class);
    }

    @BothWays
    default void aLocalAbortStaysTheFirstFailureWhenThePeerResetsToo(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Task<Boolean> other = Task.run(() -> far.abort(ErrorCode.INTERNAL_ERROR));
        near.abort(ErrorCode.CONNECT_ERROR);
        other.get();
        for (DuplexConnection end : List.of(near, far)) {
            CloseReason reason = Await.result(end.closed());
            ConnectionResetException first = catchReset(end);
            assertThat(first.origin()).isEqualTo(reason.origin());
            assertThat(first.errorCode()).isEqualTo(reason.code());
            assertThat(catchReset(end).origin()).isEqualTo(first.origin());
        }
    }

    @BothWays
    default void anAbortAfterTheEndOfTheConnectionDoesNothing(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.closeOutput();
        far.closeOutput();
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
        near.abort();
        far.abort();
        assertThat(Await.result(near.closed()).isOrderly()).isTrue();
        assertThat(Await.result(far.closed()).isOrderly()).isTrue();
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @BothWays
    default void anAbortWhileAnotherThreadClosesEndsTheClose(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Flood.fill(near);
        Task<Boolean> closing = Task.run(near::close).awaitBlocked();
        near.abort(ErrorCode.CANCEL);
        Await.until(closing::isDone, "close returns after an abort");
        requireReset(far, ErrorCode.CANCEL, Origin.PEER);
    }

    @BothWays
    default void anyCallMayRaceWithTheEnd(Connector connector) throws Exception {
        for (int i = 0; i < 8; i++) {
            Connector.Ends ends = connector.connect();
            DuplexConnection near = ends.near();
            DuplexConnection far = ends.far();
            EveryMethod calls = new EveryMethod(near, new AtomicLong(), new AtomicLong());
            List<Task<Boolean>> callers = new ArrayList<>();
            for (int j = 0; j < 6; j++) {
                callers.add(Task.run(() -> {
                    while (true) {
                        calls.callOne(ThreadLocalRandom.current().nextInt(EveryMethod.WHILE_CLOSING));
                    }
                }));
            }
            Task<Boolean> echo = Task.run(() -> far.input().transferTo(far.output()));
            Await.becomes(echo::isDone, Duration.ofMillis(2));
            switch (i % 4) {
                case 0 -> near.abort();
                case 1 -> far.abort();
                case 2 -> near.closeAsync().exceptionally(failure -> null).get();
                default -> near.input().close();
            }
            near.closeAsync().exceptionally(failure -> null).get();
            for (Task<Boolean> caller : callers) {
                assertThat(caller.failure()).isInstanceOf(ConnectionFailure.class);
            }
            Await.until(echo::isDone, "the peer sees the end");
        }
    }

    private static Map<String, Task.Action> calls(DuplexConnection connection) {
        Map<String, Task.Action> calls = new LinkedHashMap<>();
        calls.put("read", () -> connection.read(ByteBuffer.allocate(8)));
        calls.put("input().read", () -> connection.input().read());
        calls.put("readAsync", () -> Await.done(connection.readAsync()));
        calls.put("write", () -> connection.write(Bytes.of("x")));
        calls.put("gathering write", () -> connection.write(new ByteBuffer[] {Bytes.of("x")}));
        calls.put("output().write", () -> connection.output().write('x'));
        calls.put("writeAsync", () -> Await.done(connection.writeAsync(Bytes.of("x"))));
        calls.put("closeOutput", connection::closeOutput);
        return calls;
    }

    private static ConnectionResetException catchReset(DuplexConnection connection) {
        try {
            connection.read(ByteBuffer.allocate(8));
        } catch (ConnectionResetException e) {
            return e;
        } catch (IOException e) {
            throw new AssertionError("the read must report the reset, but failed otherwise", e);
        }
        throw new AssertionError("the read must report the reset, but returned");
    }

    private static void requireReset(DuplexConnection connection, ErrorCode code, Origin origin) {
        assertThatThrownBy(() -> Bytes.readToEnd(connection))
                .isInstanceOfSatisfying(ConnectionResetException.class, e -> requireReset(e, code, origin));
        assertThatThrownBy(() -> connection.write(Bytes.of("x")))
                .isInstanceOfSatisfying(ConnectionResetException.class, e -> requireReset(e, code, origin));
    }

    private static void requireReset(Throwable failure, ErrorCode code, Origin origin) {
        assertThat(failure).isInstanceOfSatisfying(ConnectionResetException.class, e -> {
            assertThat(e.errorCode()).isEqualTo(code);
            assertThat(e.origin()).isEqualTo(origin);
            assertThat(e.getMessage()).contains(code.toString());
        });
    }

    /** For a transport that may drop input after a reset: it must say so, and never pass off a part as the whole. */
    private static void requireAllOrAFailure(DuplexConnection connection, String all) {
        String read;
        try {
            read = Bytes.readTextToEnd(connection);
        } catch (IOException e) {
            assertThat(e).isInstanceOf(ConnectionFailure.class);
            return;
        }
        assertThat(read).isEqualTo(all);
    }
}
