package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.MessageConnection;
import io.h2conn.codec.MessageListener;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** What is no message costs itself only: a typed error, little memory, and an end. */
interface CodecErrorContract<T> {
    /** How many broken streams each test receives. */
    int STREAMS = 1000;

    @Test
    default void randomBytesGiveMessagesAndTypedErrorsAndAnEnd(CodecBench<T> bench) throws Exception {
        SplittableRandom random = bench.random();
        for (int i = 0; i < STREAMS; i++) {
            byte[] bytes = new byte[random.nextInt(1, 200)];
            random.nextBytes(bytes);
            requireTypedErrors(bench, bytes);
        }
    }

    @Test
    default void damagedMessagesGiveMessagesAndTypedErrorsAndAnEnd(CodecBench<T> bench) throws Exception {
        SplittableRandom random = bench.random();
        byte[] bytes = bench.encode(bench.shortMessages(3));
        for (int i = 0; i < STREAMS; i++) {
            byte[] damaged = bytes.clone();
            for (int j = random.nextInt(1, 4); j > 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            requireTypedErrors(bench, damaged);
        }
    }

    /** Lengths are at the beginning of a frame or of a field, and 0xFF and 0x7F make the largest of them. */
    @Test
    default void aHugeLengthCostsNoMemory(CodecBench<T> bench) throws Exception {
        byte[] bytes = bench.encode(bench.shortMessages(2));
        for (int at : CodecBench.cuts(bytes)) {
            byte[] huge = bytes.clone();
            huge[at - 1] = 0x7F;
            for (int i = at; i < Math.min(at + 4, huge.length); i++) {
                huge[i] = (byte) 0xFF;
            }
            requireTypedErrors(bench, huge);
        }
        requireTypedErrors(bench, Bytes.repeat((byte) 0xFF, 100));
        requireTypedErrors(bench, Bytes.repeat((byte) 0x7F, 100));
    }

    private static <T> void requireTypedErrors(CodecBench<T> bench, byte[] bytes) throws Exception {
        // A message's worth and its copies, and the stack traces of errors.
        long allowed = 6L * bench.codec().maxMessageBytes() + 32L * 1024 * (bytes.length + 32);
        long allocated = receiveToTheEnd(bench, bytes);
        for (int again = 0; again < 3 && allocated > allowed; again++) {
            allocated = receiveToTheEnd(bench, bytes); // the first time may load classes and build tables
        }
        assertThat(allocated)
                .as("bytes allocated to receive 0x" + HexFormat.of().formatHex(bytes))
                .isLessThanOrEqualTo(allowed);
    }

    /** Returns how many bytes were allocated to receive these. */
    private static <T> long receiveToTheEnd(CodecBench<T> bench, byte[] bytes) throws Exception {
        try (CodecBench.Ends<T> ends = bench.connect()) {
            ends.sendBytes(bytes, 0, bytes.length);
            ends.far().closeOutput();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            IOException last = null;
            // Each result is about at least a byte, but for the end.
            for (int i = 0; i <= bytes.length; i++) {
                try {
                    if (ends.near().receive() == null) {
                        return threads.getCurrentThreadAllocatedBytes() - before;
                    }
                } catch (EOFException e) {
                    return threads.getCurrentThreadAllocatedBytes() - before;
                } catch (CodecException e) {
                    last = e;
                } catch (IOException | RuntimeException e) {
                    throw new AssertionError("0x" + HexFormat.of().formatHex(bytes) + " gives " + e, e);
                }
            }
            requireBrokenForGood(ends.near(), last);
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }

    @Test
    default void aListenerThatPassesOverErrorsComesToAnEnd(CodecBench<T> bench) throws Exception {
        SplittableRandom random = bench.random();
        for (int i = 0; i < STREAMS; i++) {
            byte[] bytes = new byte[random.nextInt(1, 200)];
            random.nextBytes(bytes);
            try (CodecBench.Ends<T> ends = bench.connect()) {
                ends.sendBytes(bytes, 0, bytes.length);
                ends.far().closeOutput();
                Patient<T> listener = new Patient<>(bytes.length);
                CompletableFuture<@Nullable Void> listened = ends.near().listen(listener);
                Throwable failure = Await.result(listened.handle((done, thrown) -> thrown));
                if (failure != null) {
                    assertThat(failure).isInstanceOfAny(EOFException.class, CodecException.class);
                }
            }
        }
    }

    /** Passes over whatever is malformed, but not more often than there can be something. */
    final class Patient<T> implements MessageListener<T> {
        private int left;

        Patient(int bytes) {
            left = bytes;
        }

        @Override
        public @Nullable CompletionStage<?> onMessage(T message) {
            count();
            return null;
        }

        @Override
        public void onMalformedMessage(CodecException failure) {
            count();
        }

        private void count() {
            if (--left < 0) {
                throw new IllegalStateException("more results than there were bytes");
            }
        }
    }

    private static void requireBrokenForGood(MessageConnection<?, ?> connection, @Nullable IOException last) {
        if (last == null) {
            throw new AssertionError("more messages than there were bytes");
        }
        assertThatThrownBy(connection::receive).hasMessage(last.getMessage());
    }

    @Test
    default void aMessageThatCannotBeEncodedIsNotSentAndTheNextOneIs(CodecBench<T> bench) throws Exception {
        T wrong = bench.suite().unencodable();
        if (wrong == null) {
            throw new TestAbortedException("this codec can encode everything");
        }
        List<T> good = bench.messages(3);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            ends.near().send(good.get(0));
            assertThatThrownBy(() -> ends.near().send(wrong)).isInstanceOf(CodecException.class);
            assertThatThrownBy(() -> ends.near().sendAll(List.of(good.get(0), wrong)))
                    .isInstanceOf(CodecException.class);
            assertThat(Await.failure(ends.near().sendAsync(wrong))).isInstanceOf(CodecException.class);
            ends.near().send(good.get(1));
            Await.result(ends.near().sendAsync(good.get(2)));
            ends.near().closeOutput();
            bench.requireSame(good, CodecBench.receiveAll(ends.far()));
        }
    }
}
