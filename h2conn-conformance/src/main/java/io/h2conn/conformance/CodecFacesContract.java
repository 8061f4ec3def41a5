package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.h2conn.codec.MessageConnection;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** However messages are received, they are the same. */
interface CodecFacesContract<T> {
    /** One way to receive everything up to the end. */
    @FunctionalInterface
    interface Face<T> {
        List<T> receiveAll(MessageConnection<T, T> connection) throws Exception;
    }

    private static <T> void requireAll(CodecBench<T> bench, Face<T> face) throws Exception {
        List<T> messages = bench.messages(200);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            Task<Boolean> sending = bench.sendAndEnd(ends.far(), messages);
            bench.requireSame(messages, face.receiveAll(ends.near()));
            sending.get();
        }
    }

    @Test
    default void futuresGetEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new ArrayList<>();
            for (T message = Await.result(connection.receiveAsync());
                    message != null;
                    message = Await.result(connection.receiveAsync())) {
                received.add(message);
            }
            return received;
        });
    }

    @Test
    default void aListenerGetsEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new CopyOnWriteArrayList<>();
            Await.result(connection.listen(message -> {
                received.add(message);
                return null;
            }));
            return received;
        });
    }

    @Test
    default void aListenerThatTakesItsTimeGetsEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new CopyOnWriteArrayList<>();
            Await.result(connection.listen(message -> CompletableFuture.runAsync(() -> received.add(message))));
            return received;
        });
    }

    @Test
    default void aSubscriberThatAsksForOneAfterTheOtherGetsEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> subscribe(connection, new MessageSubscriber<>(1, 1)));
    }

    @Test
    default void aSubscriberThatAsksForAllGetsEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> subscribe(connection, new MessageSubscriber<>(Long.MAX_VALUE, 0)));
    }

    private static <T> List<T> subscribe(MessageConnection<T, T> connection, MessageSubscriber<T> subscriber)
            throws Exception {
        connection.publisher().subscribe(subscriber);
        Await.result(subscriber.done());
        return subscriber.received();
    }

    @Test
    default void aSubscriberGetsNoMoreThanItAskedForAndTheNextOneGetsTheRest(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new ArrayList<>();
            for (int count = 1; count <= 5; count++) {
                int wanted = count;
                MessageSubscriber<T> some = new MessageSubscriber<>(wanted, 0);
                connection.publisher().subscribe(some);
                Await.until(() -> some.received().size() == wanted, "the subscriber got " + wanted + " messages");
                some.subscription().cancel();
                received.addAll(some.received());
            }
            received.addAll(subscribe(connection, new MessageSubscriber<>(3, 1)));
            return received;
        });
    }

    @Test
    default void aLoopGetsEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new ArrayList<>();
            for (T message : connection) {
                received.add(message);
            }
            return received;
        });
    }

    @Test
    default void aStreamGetsEveryMessage(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            try (Stream<T> stream = connection.stream()) {
                return stream.toList();
            }
        });
    }

    @Test
    default void allWaysToReceiveGoOnWhereTheOneBeforeStopped(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new ArrayList<>();
            T message = null;
            do {
                switch (received.size() % 4) {
                    case 0 -> message = connection.receive();
                    case 1 -> message = Await.result(connection.receiveAsync());
                    case 2 -> {
                        Iterator<T> loop = connection.iterator();
                        message = loop.hasNext() ? loop.next() : null;
                    }
                    default -> message = receiveSubscribed(connection);
                }
                if (message != null) {
                    received.add(message);
                }
            } while (message != null);
            return received;
        });
    }

    private static <T> @Nullable T receiveSubscribed(MessageConnection<T, T> connection) {
        MessageSubscriber<T> one = new MessageSubscriber<>(1, 0);
        connection.publisher().subscribe(one);
        Await.until(() -> !one.received().isEmpty() || one.done().isDone(), "the subscriber got something");
        one.subscription().cancel();
        return one.received().isEmpty() ? null : one.received().get(0);
    }

    @Test
    default void aCancelledReceiveLosesNothing(CodecBench<T> bench) throws Exception {
        requireAll(bench, connection -> {
            List<T> received = new ArrayList<>();
            boolean ended = false;
            while (!ended) {
                CompletableFuture<@Nullable T> receive = connection.receiveAsync();
                if (received.size() % 3 == 0) {
                    Thread.onSpinWait();
                }
                if (!receive.cancel(false)) {
                    T message = receive.join();
                    ended = message == null;
                    if (message != null) {
                        received.add(message);
                    }
                }
            }
            return received;
        });
    }

    @Test
    default void everyWayToReceiveReportsAnEndInsideAMessage(CodecBench<T> bench) throws Exception {
        assumeTrue(bench.suite().endIsDetectable(), "the end of a message cannot be told from one inside it");
        byte[] bytes = bench.encode(bench.shortMessages(1).get(0));
        assumeTrue(bytes.length > 2, "there is nothing inside a message");

        requireCut(
                bench,
                bytes,
                connection -> assertThatThrownBy(connection::receive).isInstanceOf(EOFException.class));
        requireCut(
                bench,
                bytes,
                connection ->
                        assertThat(Await.failure(connection.receiveAsync())).isInstanceOf(EOFException.class));
        requireCut(
                bench,
                bytes,
                connection -> assertThat(Await.failure(connection.listen(message -> null)))
                        .isInstanceOf(EOFException.class));
        requireCut(bench, bytes, connection -> {
            MessageSubscriber<T> subscriber = new MessageSubscriber<>(1, 0);
            connection.publisher().subscribe(subscriber);
            assertThat(Await.failure(subscriber.done())).isInstanceOf(EOFException.class);
        });
        requireCut(
                bench,
                bytes,
                connection -> assertThatThrownBy(() -> connection.iterator().hasNext())
                        .isInstanceOf(UncheckedIOException.class)
                        .hasCauseInstanceOf(EOFException.class));
    }

    /** What a way to receive must report. */
    @FunctionalInterface
    interface Check<T> {
        void run(MessageConnection<T, T> connection) throws Exception;
    }

    private static <T> void requireCut(CodecBench<T> bench, byte[] bytes, Check<T> check) throws Exception {
        try (CodecBench.Ends<T> ends = bench.connect()) {
            ends.sendBytes(bytes, 0, bytes.length / 2);
            ends.far().closeOutput();
            check.run(ends.near());
        } catch (IOException e) {
            throw new AssertionError("the connection itself failed", e);
        }
    }
}
