package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.codec.Codec;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.MessageListener;
import io.h2conn.codec.MessageTooLargeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The limit for messages: to the byte, in both directions, and only for the message that exceeds it. */
interface CodecSizeContract<T> {
    @Test
    default void theSuitesMessagesDifferInSizeOrSayThatTheyDoNot(CodecBench<T> bench) {
        List<T> messages = bench.bySize();
        boolean same = bench.sizeOf(messages.get(0)) == bench.sizeOf(messages.get(messages.size() - 1));
        assertThat(bench.suite().hasFixedSize())
                .as("all messages have the same size, or hasFixedSize() must not say so")
                .isEqualTo(same);
    }

    @Test
    default void aMessageAsLargeAsTheLimitIsSent(CodecBench<T> bench) throws Exception {
        T large = large(bench);
        for (int limit : new int[] {bench.sizeOf(large), bench.sizeOf(large) + 1}) {
            try (CodecBench.Ends<T> ends = bench.connect(bench.codec().withMaxMessageBytes(limit), bench.codec())) {
                Task<@Nullable T> receiving = Task.start(ends.far()::receive);
                ends.near().send(large);
                bench.requireSame(large, receiving.get());
            }
        }
    }

    @Test
    default void aMessageAsLargeAsTheLimitIsReceived(CodecBench<T> bench) throws Exception {
        T large = large(bench);
        for (int limit : new int[] {bench.sizeOf(large), bench.sizeOf(large) + 1}) {
            try (CodecBench.Ends<T> ends = bench.connect(bench.codec().withMaxMessageBytes(limit), bench.codec())) {
                Task<Boolean> sending = bench.sendAndEnd(ends.far(), List.of(large));
                bench.requireSame(large, ends.near().receive());
                assertThat(ends.near().receive()).isNull();
                sending.get();
            }
        }
    }

    @Test
    default void aMessageLargerThanTheLimitIsNotSentAndTheNextOneIs(CodecBench<T> bench) throws Exception {
        T large = large(bench);
        T small = small(bench);
        int limit = bench.sizeOf(large) - 1;
        try (CodecBench.Ends<T> ends = bench.connect(bench.codec().withMaxMessageBytes(limit), bench.codec())) {
            requireTooLarge(limit, () -> ends.near().send(large));
            requireTooLarge(limit, () -> ends.near().sendAll(List.of(small, large)));
            assertThat(Await.failure(ends.near().sendAsync(large))).isInstanceOf(MessageTooLargeException.class);
            List<T> fitting = bench.suite().hasFixedSize() ? List.of() : List.of(small);
            ends.near().sendAll(fitting);
            ends.near().closeOutput();
            bench.requireSame(fitting, CodecBench.receiveAll(ends.far()));
        }
    }

    @Test
    default void aMessageLargerThanTheLimitIsReportedOnceAndTheNextOneIsReceived(CodecBench<T> bench) throws Exception {
        T large = large(bench);
        T small = small(bench);
        int limit = bench.sizeOf(large) - 1;
        try (CodecBench.Ends<T> ends = bench.connect(bench.codec().withMaxMessageBytes(limit), bench.codec())) {
            Task<Boolean> sending = bench.sendAndEnd(ends.far(), List.of(large, small, large));
            requireTooLarge(limit, ends.near()::receive);
            if (bench.suite().hasFixedSize()) {
                requireTooLarge(limit, ends.near()::receive);
            } else {
                bench.requireSame(small, ends.near().receive());
            }
            assertThat(Await.failure(ends.near().receiveAsync())).isInstanceOf(MessageTooLargeException.class);
            assertThat(ends.near().receive()).isNull();
            sending.get();
        }
    }

    @Test
    default void aListenerHearsOfAMessageThatIsTooLargeAndGoesOn(CodecBench<T> bench) throws Exception {
        T large = large(bench);
        T small = small(bench);
        Codec<T> limited = bench.codec().withMaxMessageBytes(bench.sizeOf(large) - 1);
        Listener<T> listener = new Listener<>();
        try (CodecBench.Ends<T> ends = bench.connect(limited, bench.codec())) {
            Task<Boolean> sending = bench.sendAndEnd(ends.far(), List.of(large, small, large, small));
            Await.result(ends.near().listen(listener));
            sending.get();
        }
        boolean fixed = bench.suite().hasFixedSize();
        bench.requireSame(fixed ? List.of() : List.of(small, small), listener.received);
        assertThat(listener.failures)
                .hasSize(fixed ? 4 : 2)
                .allSatisfy(failure -> assertThat(failure).isInstanceOf(MessageTooLargeException.class));
    }

    /** Keeps everything. */
    final class Listener<T> implements MessageListener<T> {
        private final List<T> received = new ArrayList<>();
        private final List<CodecException> failures = new ArrayList<>();

        @Override
        public @Nullable CompletionStage<?> onMessage(T message) {
            received.add(message);
            return null;
        }

        @Override
        public void onMalformedMessage(CodecException failure) {
            failures.add(failure);
        }
    }

    private static void requireTooLarge(int limit, Task.Action call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        MessageTooLargeException.class,
                        e -> assertThat(e.maxMessageBytes()).isEqualTo(limit));
    }

    private static <T> T large(CodecBench<T> bench) {
        List<T> messages = bench.bySize();
        return messages.get(messages.size() - 1);
    }

    private static <T> T small(CodecBench<T> bench) {
        return bench.bySize().get(0);
    }
}
