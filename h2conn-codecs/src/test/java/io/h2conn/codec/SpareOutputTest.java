package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritePendingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The memory in which a message is encoded serves the next one, also if nothing came of the first. */
@Timeout(30)
class SpareOutputTest {
    private final DuplexConnection.Pair pair =
            DuplexConnection.pair(100, ConnectionOptions.defaults().sendBufferBytes(100));
    private final Failing codec = new Failing();
    private final MessageConnection<String, String> sender = MessageConnection.of(pair.client(), codec);

    /** Fails with some messages, and remembers what it was to write them to. */
    private static final class Failing implements Codec<String> {
        final List<MessageOutput> seen = new ArrayList<>();

        @Override
        public void encode(String message, MessageOutput output) throws IOException {
            seen.add(output);
            output.writeUTF(message);
            fail(message);
        }

        @Override
        public String decode(ByteBuffer message) throws IOException {
            fail("exception");
            return "never";
        }

        private static void fail(String message) throws IOException {
            switch (message) {
                case "exception" -> throw new IOException("on purpose");
                case "error" -> throw new NoClassDefFoundError("on purpose");
                default -> {}
            }
        }
    }

    /** This thread looks in two places; what others left there is kept away. */
    @BeforeEach
    void begin() {
        BufferCache.takeOutput();
        BufferCache.takeOutput();
    }

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private void assertAllGivenBack() {
        List<MessageOutput> spare = new ArrayList<>();
        for (int i = 0; i < codec.seen.size(); i++) {
            spare.add(BufferCache.takeOutput());
        }
        assertThat(spare).containsExactlyInAnyOrderElementsOf(codec.seen);
    }

    // ---------------------------------------------------------------- sending

    @Test
    void aMessageThatCannotBeEncodedLeavesItsMemoryToTheNext() {
        assertThatThrownBy(() -> sender.send("exception")).isInstanceOf(CodecException.class);
        assertAllGivenBack();
    }

    @Test
    void soDoesOneWithWhichTheCodecThrowsAnError() {
        assertThatThrownBy(() -> sender.send("error")).isInstanceOf(NoClassDefFoundError.class);
        assertAllGivenBack();
    }

    @Test
    void aBatchThatFailsInTheMiddleLeavesItsMemoryToTheNext() {
        assertThatThrownBy(() -> sender.sendAll(List.of("fine", "exception"))).isInstanceOf(CodecException.class);
        assertThat(codec.seen.remove(0)).isSameAs(codec.seen.get(0));
        assertAllGivenBack();
    }

    @Test
    void soDoesABatchWhoseMessagesCannotBeHad() {
        Iterator<String> messages = List.of("fine").iterator();
        Iterable<String> endless = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public String next() {
                return messages.next();
            }
        };

        assertThatThrownBy(() -> sender.sendAll(endless)).isInstanceOf(java.util.NoSuchElementException.class);
        assertAllGivenBack();
    }

    @Test
    void anAsynchronousSendThatFailsLeavesItsMemoryToTheNext() {
        assertThat(sender.sendAsync("exception")).isCompletedExceptionally();
        assertAllGivenBack();
    }

    @Test
    void soDoesOneThatComesWhileAnotherWaits() {
        CompletableFuture<?> waiting = sender.sendAsync("x".repeat(1000));
        assertThat(waiting).isNotDone();
        codec.seen.clear(); // it is still needed

        assertThatThrownBy(() -> sender.sendAsync("too early")).isInstanceOf(WritePendingException.class);
        assertAllGivenBack();
    }

    // ---------------------------------------------------------------- broadcasts and calls

    @Test
    void aBroadcastThatFailsLeavesItsMemoryToTheNext() {
        Broadcast<String> broadcast = Broadcast.builder(codec).build();

        assertThatThrownBy(() -> broadcast.send("exception")).isInstanceOf(CodecException.class);
        assertAllGivenBack();
    }

    @Test
    void aCallThatCannotBeEncodedLeavesItsMemoryToTheNext() {
        Calls<String, String> calls = Calls.over(pair.client(), codec, codec);

        assertThatThrownBy(() -> calls.call("exception")).isInstanceOf(CodecException.class);
        assertAllGivenBack();
    }

    @Test
    void soDoesOneForWhichThereIsNoRoomAmongThoseInProgress() {
        Calls<String, String> calls = Calls.over(
                pair.client(), codec, codec, null, CallOptions.defaults().withMaxCalls(1));
        CompletableFuture<String> inProgress = calls.callAsync("fine");
        codec.seen.clear();
        BufferCache.takeOutput();

        assertThat(calls.callAsync("busy")).isCompletedExceptionally();
        assertAllGivenBack();

        codec.seen.clear();
        assertThatThrownBy(() -> calls.call("busy", Duration.ofMillis(1))).isInstanceOf(CallTimeoutException.class);
        assertAllGivenBack();
        assertThat(inProgress).isNotDone();
    }

    // ---------------------------------------------------------------- transformations

    /** Fails with everything. */
    private enum Stubborn implements Transformation {
        INSTANCE;

        @Override
        public void apply(ByteBuffer message, MessageOutput output) throws IOException {
            throw new IOException("on purpose");
        }

        @Override
        public void undo(ByteBuffer message, MessageOutput output) throws IOException {
            throw new IOException("on purpose");
        }
    }

    @Test
    void whatIsTransformedLeavesItsMemoryToTheNextWhoeverFails() {
        MessageOutput transformed = new MessageOutput(1000);

        for (Transformation transformation : List.of(Transformation.deflate(), Stubborn.INSTANCE)) {
            assertThatThrownBy(() -> codec.through(transformation).encode("exception", transformed))
                    .hasMessage("on purpose");
            assertAllGivenBack();
            codec.seen.clear();
        }
        assertThatThrownBy(() -> codec.through(Stubborn.INSTANCE).encode("fine", transformed))
                .hasMessage("on purpose");
        assertAllGivenBack();
    }

    @Test
    void whatIsTransformedBackLeavesItsMemoryToTheNextWhoeverFails() throws IOException {
        MessageOutput transformed = new MessageOutput(1000);
        Transformation.deflate().apply(ByteBuffer.wrap(new byte[10]), transformed);
        MessageOutput spare = new MessageOutput(1000);
        BufferCache.give(spare);

        assertThatThrownBy(() -> codec.through(Transformation.deflate()).decode(transformed.toByteBuffer()))
                .hasMessage("on purpose");
        assertThatThrownBy(() -> codec.through(Stubborn.INSTANCE).decode(transformed.toByteBuffer()))
                .hasMessage("on purpose");

        assertThat(BufferCache.takeOutput()).isSameAs(spare);
    }
}
