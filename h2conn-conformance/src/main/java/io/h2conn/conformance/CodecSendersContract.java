package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.codec.MessageConnection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Many senders at once: no message mixes with another, and each sender's stay in order. */
interface CodecSendersContract<T> {
    @Test
    default void messagesOfManySendersDoNotMix(CodecBench<T> bench) throws Exception {
        requireUnmixed(bench, 8, 1000, 1, (connection, messages) -> {
            for (T message : messages) {
                connection.send(message);
            }
        });
    }

    @Test
    default void theMessagesOfABatchStayTogether(CodecBench<T> bench) throws Exception {
        requireUnmixed(bench, 4, 1000, 20, (connection, messages) -> {
            for (int i = 0; i < messages.size(); i += 20) {
                connection.sendAll(messages.subList(i, i + 20));
            }
        });
    }

    @Test
    default void anEmptyBatchSendsNothing(CodecBench<T> bench) throws Exception {
        try (CodecBench.Ends<T> ends = bench.connect()) {
            ends.near().sendAll(List.of());
            ends.near().closeOutput();
            assertThat(ends.far().receive()).isNull();
        }
    }

    @Test
    default void messagesSentWithoutBlockingStayInOrder(CodecBench<T> bench) throws Exception {
        requireUnmixed(bench, 1, 1000, 1, CodecSendersContract::sendAsync);
    }

    @Test
    default void messagesSentWithoutBlockingDoNotMixWithOthers(CodecBench<T> bench) throws Exception {
        SenderQueue<T> senders = SenderQueue.of(bench, 4, 500);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            List<Task<Boolean>> sending = IntStream.range(0, senders.count())
                    .mapToObj(sender -> bench.send(ends.near(), () -> {
                        if (sender == 0) {
                            sendAsync(ends.near(), senders.messages(sender));
                        } else {
                            for (T message : senders.messages(sender)) {
                                ends.near().send(message);
                            }
                        }
                    }))
                    .toList();
            senders.receive(ends.far(), 1);
            for (Task<Boolean> task : sending) {
                task.get();
            }
        }
    }

    private static <T> void sendAsync(MessageConnection<T, T> connection, List<T> messages) throws Exception {
        for (T message : messages) {
            CompletableFuture<@Nullable Void> sent = connection.sendAsync(message);
            Await.result(sent);
        }
    }

    /** One way to send. */
    @FunctionalInterface
    interface Sender<T> {
        void send(MessageConnection<T, T> connection, List<T> messages) throws Exception;
    }

    private static <T> void requireUnmixed(CodecBench<T> bench, int count, int each, int together, Sender<T> sender)
            throws Exception {
        SenderQueue<T> senders = SenderQueue.of(bench, count, each);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            List<Task<Boolean>> sending = IntStream.range(0, count)
                    .mapToObj(i -> bench.send(ends.near(), () -> sender.send(ends.near(), senders.messages(i))))
                    .toList();
            senders.receive(ends.far(), together);
            for (Task<Boolean> task : sending) {
                task.get();
            }
        }
    }

    /** What each sender sends, and how far the receiver has got with it. */
    final class SenderQueue<T> {
        private final CodecBench<T> bench;
        private final List<List<T>> messages;
        private final int[] received;

        private SenderQueue(CodecBench<T> bench, List<List<T>> messages) {
            this.bench = bench;
            this.messages = messages;
            this.received = new int[messages.size()];
        }

        static <T> SenderQueue<T> of(CodecBench<T> bench, int count, int each) {
            Function<SplittableRandom, List<T>> make = random -> IntStream.range(0, each)
                    .mapToObj(i -> bench.suite().message(random))
                    .toList();
            return new SenderQueue<>(
                    bench,
                    IntStream.range(0, count)
                            .mapToObj(i -> make.apply(bench.random().split()))
                            .toList());
        }

        int count() {
            return messages.size();
        }

        List<T> messages(int sender) {
            return messages.get(sender);
        }

        /** Receives all of them, so many of one sender in a row. */
        void receive(MessageConnection<T, T> connection, int together) throws Exception {
            int total = messages.stream().mapToInt(List::size).sum();
            for (int i = 0; i < total; i += together) {
                int sender = nextOfAny(connection.receive());
                for (int j = 1; j < together; j++) {
                    bench.requireSame(messages.get(sender).get(received[sender]++), connection.receive());
                }
            }
        }

        private int nextOfAny(@Nullable T message) {
            if (message == null) {
                throw new AssertionError("the input has ended before all was received");
            }
            for (int sender = 0; sender < received.length; sender++) {
                List<T> sent = messages.get(sender);
                if (received[sender] < sent.size() && bench.suite().isSame(sent.get(received[sender]), message)) {
                    received[sender]++;
                    return sender;
                }
            }
            throw new AssertionError("received " + message + ", which is no sender's next message");
        }
    }
}
