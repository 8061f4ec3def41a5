package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.h2conn.DuplexConnection;
import io.h2conn.internal.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes that cannot be divided into messages end the receiving, and say so. */
@Timeout(30)
class BrokenFramingTest {
    private static final String SAYS_SO = "nothing more can be received";

    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final DuplexConnection peer = pair.client();

    /** Never sees the beginning of a message. */
    private static final class BlindFraming implements Framing {
        @Override
        public void frame(MessageOutput output) {
            // Nothing is sent here.
        }

        @Override
        public Scanner scanner(int maxMessageBytes) {
            return new Scanner() {
                @Override
                public boolean begin(ByteBuffer input) {
                    return false;
                }

                @Override
                public boolean end(ByteBuffer input) {
                    throw new IllegalStateException("no message begins");
                }
            };
        }
    }

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private MessageConnection<byte[], byte[]> receiving(Framing framing) {
        return MessageConnection.of(pair.server(), new RawCodec(framing).withMaxMessageBytes(100));
    }

    @Test
    void aListenerThatPassesOverMalformedMessagesIsNotToldOfTheSameEndForEver() throws Exception {
        List<CodecException> malformed = new ArrayList<>();
        CompletableFuture<@Nullable Void> done = receiving(Framing.varintPrefixed())
                .listen(new MessageListener<>() {
                    @Override
                    public @Nullable CompletionStage<?> onMessage(byte[] message) {
                        return null;
                    }

                    @Override
                    public void onMalformedMessage(CodecException failure) {
                        malformed.add(failure);
                        if (malformed.size() > 10) {
                            throw new IllegalStateException("told again and again");
                        }
                    }
                });

        peer.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, -1, -1}));

        assertThatThrownBy(() -> done.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(CodecException.class, BrokenFramingTest::assertFatal);
        assertThat(malformed).isEmpty();
    }

    @Test
    void inputInWhichNoMessageBeginsIsGivenUpAndSaysSoEveryTime() throws IOException {
        MessageConnection<byte[], byte[]> messages = receiving(new BlindFraming());

        peer.write(ByteBuffer.allocate(200));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(messages::receive)
                    .isInstanceOfSatisfying(CodecException.class, BrokenFramingTest::assertFatal);
        }
    }

    @Test
    void everyCallThatWaitsIsToldThatThereWillBeNoOther() throws Exception {
        Calls<String, String> calls = Calls.over(pair.server(), Codecs.lines(), Codecs.lines());
        CompletableFuture<String> waiting = calls.callAsync("a question");
        CompletableFuture<Throwable> blocked = CompletableFuture.supplyAsync(
                () -> catchThrowable(() -> calls.call("another question", Duration.ZERO)), Threads.executor());
        peer.input().readNBytes(2 * 13 + "a question".length() + "another question".length());

        peer.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 1}));

        assertThat(TwoSides.failureOf(waiting))
                .isInstanceOfSatisfying(CodecException.class, BrokenFramingTest::assertFatal);
        assertThat(blocked.get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(CodecException.class, BrokenFramingTest::assertFatal);
    }

    private static void assertFatal(CodecException failure) {
        assertThat(failure).hasMessageContaining(SAYS_SO);
        assertThat(failure.isFatal()).isTrue();
    }
}
