package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.codec.CodecException;
import io.h2conn.codec.MessageConnection;
import java.io.EOFException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Bytes may arrive in any pieces, late, or not at all. */
interface CodecCutContract<T> {
    @Test
    default void aStreamCutAnywhereGivesTheSameMessages(CodecBench<T> bench) throws Exception {
        List<T> messages = bench.shortMessages(3);
        byte[] bytes = bench.encode(messages);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            // Always one under way, so that the first piece is looked at before the second is there.
            CompletableFuture<@Nullable T> next = ends.near().receiveAsync();
            for (int cut : CodecBench.cuts(bytes)) {
                List<T> received = new ArrayList<>();
                ends.sendBytes(bytes, 0, cut);
                while (next.isDone()) {
                    next = takeAndGoOn(next, ends.near(), received);
                }
                ends.sendBytes(bytes, cut, bytes.length);
                while (received.size() < messages.size()) {
                    next = takeAndGoOn(next, ends.near(), received);
                }
                bench.requireSame(messages, received);
            }
            next.cancel(false);
        }
    }

    private static <T> CompletableFuture<@Nullable T> takeAndGoOn(
            CompletableFuture<@Nullable T> next, MessageConnection<T, T> connection, List<T> received)
            throws Exception {
        T message = Await.result(next);
        assertThat(message).isNotNull();
        received.add(message);
        return connection.receiveAsync();
    }

    @Test
    default void oneByteAtATimeGivesTheSameMessages(CodecBench<T> bench) throws Exception {
        List<T> messages = bench.shortMessages(10);
        byte[] bytes = bench.encode(messages);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            Task<Boolean> sending = Task.run(() -> {
                for (int i = 0; i < bytes.length; i++) {
                    ends.sendBytes(bytes, i, i + 1);
                }
                ends.far().closeOutput();
            });
            bench.requireSame(messages, CodecBench.receiveAll(ends.near()));
            sending.get();
        }
    }

    @Test
    default void allAtOnceGivesTheSameMessages(CodecBench<T> bench) throws Exception {
        List<T> messages = bench.messages(100);
        byte[] bytes = bench.encode(messages);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            Task<Boolean> sending = Task.run(() -> {
                ends.sendBytes(bytes, 0, bytes.length);
                ends.far().closeOutput();
            });
            bench.requireSame(messages, CodecBench.receiveAll(ends.near()));
            sending.get();
        }
    }

    @Test
    default void anEndInsideAMessageIsNoMessage(CodecBench<T> bench) throws Exception {
        T message = bench.shortMessages(1).get(0);
        byte[] bytes = bench.encode(message);
        for (int cut : CodecBench.cuts(bytes)) {
            try (CodecBench.Ends<T> ends = bench.connect()) {
                ends.sendBytes(bytes, 0, cut);
                ends.far().closeOutput();
                requireEnd(bench, ends.near(), message, cut + " of " + bytes.length + " bytes");
            }
        }
    }

    private static <T> void requireEnd(CodecBench<T> bench, MessageConnection<T, T> near, T message, String sent)
            throws Exception {
        try {
            T received = near.receive();
            assertThat(received).as(sent).isNotNull();
            if (bench.suite().endIsDetectable()) {
                bench.requireSame(message, received); // only what marks its end is missing
            }
        } catch (EOFException e) {
            assertThatThrownBy(near::receive).as("again after " + sent).isInstanceOf(EOFException.class);
            return;
        } catch (CodecException e) {
            assertThat(bench.suite().endIsDetectable()).as(e + " after " + sent).isFalse();
        }
        assertThat(near.receive()).as("after " + sent).isNull();
    }

    @Test
    default void aTimeoutInsideAMessageKeepsWhatHasArrived(CodecBench<T> bench) throws Exception {
        T message = bench.shortMessages(1).get(0);
        byte[] bytes = bench.encode(message);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            MessageConnection<T, T> near = ends.near();
            for (int cut : CodecBench.cuts(bytes)) {
                ends.sendBytes(bytes, 0, cut);
                T received = receiveInTime(near);
                ends.sendBytes(bytes, cut, bytes.length);
                bench.requireSame(message, received == null ? near.receive() : received);
            }
        }
    }

    /** Takes in what has arrived; returns the message if that was enough. */
    private static <T> @Nullable T receiveInTime(MessageConnection<T, T> near) throws Exception {
        near.connection().setReadTimeout(Duration.ofMillis(1));
        try {
            return near.receive();
        } catch (SocketTimeoutException e) {
            return null;
        } finally {
            near.connection().setReadTimeout(Duration.ZERO);
        }
    }

    @Test
    default void aDeadlineInThePastLosesNothing(CodecBench<T> bench) throws Exception {
        List<T> messages = bench.shortMessages(2);
        byte[] bytes = bench.encode(messages);
        int cut = bench.encode(messages.get(0)).length / 2;
        try (CodecBench.Ends<T> ends = bench.connect()) {
            MessageConnection<T, T> near = ends.near();
            ends.sendBytes(bytes, 0, cut);
            near.connection().setReadDeadline(Instant.EPOCH);
            assertThatThrownBy(near::receive).isInstanceOf(SocketTimeoutException.class);
            ends.sendBytes(bytes, cut, bytes.length);
            ends.far().closeOutput();
            assertThatThrownBy(near::receive).isInstanceOf(SocketTimeoutException.class);
            near.connection().setReadDeadline(null);
            bench.requireSame(messages, CodecBench.receiveAll(near));
        }
    }

    @Test
    default void anInterruptInsideAMessageKeepsWhatHasArrived(CodecBench<T> bench) throws Exception {
        List<T> messages = bench.shortMessages(2);
        byte[] bytes = bench.encode(messages);
        int first = bench.encode(messages.get(0)).length;
        for (int cut : new int[] {0, first / 4, first / 2}) {
            try (CodecBench.Ends<T> ends = bench.connect()) {
                ends.sendBytes(bytes, 0, cut);
                Task<@Nullable T> receiving = Task.start(ends.near()::receive).awaitBlocked();
                receiving.interrupt();
                assertThat(receiving.failure()).isInstanceOf(InterruptedIOException.class);
                ends.sendBytes(bytes, cut, bytes.length);
                ends.far().closeOutput();
                bench.requireSame(messages, CodecBench.receiveAll(ends.near()));
            }
        }
    }
}
