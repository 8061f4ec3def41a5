package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class MessageSizeTest {
    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final DuplexConnection peer = pair.client();

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private MessageConnection<String, Object> receiving(int maxMessageBytes) {
        return MessageConnection.of(
                pair.server(),
                JsonCodec.of(String.class).withMaxMessageBytes(maxMessageBytes),
                JsonCodec.of(Object.class).withMaxMessageBytes(maxMessageBytes));
    }

    private void peerSends(String text) throws IOException {
        peer.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    @Test
    void aMessageOfExactlyTheMaximumPassesBothWays() throws IOException {
        MessageConnection<String, Object> messages = receiving(100);
        String largest = "x".repeat(98);

        peerSends("\"" + largest + "\"\n" + "1".repeat(100) + "\n");
        messages.send(largest);
        messages.closeOutput();

        assertThat(messages.receive()).isEqualTo(largest);
        assertThat(messages.receive()).isEqualTo("1".repeat(100));
        assertThat(peer.input().readAllBytes()).asString(UTF_8).isEqualTo("\"" + largest + "\"\n");
    }

    @Test
    void aMessageToSendThatIsTooLargeIsNotSent() throws IOException {
        MessageConnection<String, Object> messages = receiving(100);

        assertThatThrownBy(() -> messages.send("x".repeat(99)))
                .isInstanceOfSatisfying(
                        MessageTooLargeException.class,
                        e -> assertThat(e.maxMessageBytes()).isEqualTo(100));
        messages.send("fine");
        messages.closeOutput();

        assertThat(peer.input().readAllBytes()).asString(UTF_8).isEqualTo("\"fine\"\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 102, 10_000, 50_000_000})
    void aMessageThatIsTooLargeIsReportedOnceAndSkippedWithoutBeingStored(int bytes) throws Exception {
        MessageConnection<String, Object> messages = receiving(100);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                byte[] part = "x".repeat(bytes < 100_000 ? bytes - 2 : 1000).getBytes(UTF_8);
                peerSends("\"first\" \"");
                for (int count = 0; count < bytes - 2; count += part.length) {
                    peer.write(ByteBuffer.wrap(part));
                }
                peerSends("\" \"last\"");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        assertThat(messages.receive()).isEqualTo("first");
        assertThatThrownBy(messages::receive)
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("byte 8 of the input");
        assertThat(messages.receive()).isEqualTo("last");
        sent.get(20, TimeUnit.SECONDS);
    }

    @Test
    void theEndInsideAMessageThatIsTooLargeIsAnEndOfFile() throws IOException {
        MessageConnection<String, Object> messages = receiving(10);
        peerSends("[" + "1,".repeat(100));
        peer.closeOutput();

        assertThatThrownBy(messages::receive).isInstanceOf(MessageTooLargeException.class);
        assertThatThrownBy(messages::receive).isInstanceOf(EOFException.class);
    }

    @Test
    void theEndAfterANumberThatIsTooLargeIsTheEnd() throws IOException {
        MessageConnection<String, Object> messages = receiving(10);
        peerSends("1".repeat(100));
        peer.closeOutput();

        assertThatThrownBy(messages::receive).isInstanceOf(MessageTooLargeException.class);
        assertThat(messages.receive()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MAX_VALUE})
    void aMaximumThatMakesNoSenseIsRefused(int maximum) {
        assertThatThrownBy(() -> receiving(maximum))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(maximum));
    }
}
