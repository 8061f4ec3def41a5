package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(30)
class JsonConnectionTest {
    private static final String DOCUMENT = "{\"a\":[1,\"}\\\"]\\\\\",{\"ü\":\"€😀\"}],\"b\":{\"c\":null}}";

    record Point(int x, int y) {}

    /** Fails only after so much has been encoded that a part of it was handed on. */
    record Broken(String first, Map<String, String> second) {}

    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final DuplexConnection peer = pair.client();

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private <I> MessageConnection<I, Object> receiving(Class<I> type) {
        return MessageConnection.of(pair.server(), JsonCodec.of(type), JsonCodec.of(Object.class));
    }

    private void peerSends(String text) throws IOException {
        peer.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private static <I> List<I> receiveAll(MessageConnection<I, ?> messages) throws IOException {
        List<I> received = new ArrayList<>();
        for (I message = messages.receive(); message != null; message = messages.receive()) {
            received.add(message);
        }
        return received;
    }

    @Test
    void aMessageArrivesAsItWasSentInBothDirections() throws IOException {
        MessageConnection<Point, Point> client = MessageConnection.of(pair.client(), JsonCodec.of(Point.class));
        MessageConnection<Point, Point> server = MessageConnection.of(pair.server(), JsonCodec.of(Point.class));

        client.send(new Point(1, 2));
        server.send(new Point(3, 4));

        assertThat(server.receive()).isEqualTo(new Point(1, 2));
        assertThat(client.receive()).isEqualTo(new Point(3, 4));
    }

    @Test
    void oneValueAndALineFeedGoOut() throws IOException {
        MessageConnection<Object, Object> messages = receiving(Object.class);

        messages.send(new Point(1, 2));
        messages.send("two");
        messages.send(3);
        messages.closeOutput();

        assertThat(peer.input().readAllBytes()).asString(UTF_8).isEqualTo("{\"x\":1,\"y\":2}\n\"two\"\n3\n");
    }

    @Test
    void valuesMayBeSeparatedByAnyWhiteSpaceOrDelimitThemselves() throws IOException {
        peerSends("\n\r\n {\"x\":1}[2]\"three\" 4\t5.5e1\"six\"true\n\n[\n  7,\n  {}\n]false{}null 8 \n");
        peer.closeOutput();

        assertThat(receiveAll(receiving(JsonNode.class)))
                .extracting(JsonNode::toString)
                .containsExactly(
                        "{\"x\":1}",
                        "[2]",
                        "\"three\"",
                        "4",
                        "55.0",
                        "\"six\"",
                        "true",
                        "[7,{}]",
                        "false",
                        "{}",
                        "null",
                        "8");
    }

    @Test
    void messagesMayArriveOneByteAtATime() throws Exception {
        String text = DOCUMENT + "\n" + DOCUMENT + "12 true\n\"x\"";
        CompletableFuture<List<JsonNode>> received = CompletableFuture.supplyAsync(() -> {
            try {
                return receiveAll(receiving(JsonNode.class));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        for (byte b : text.getBytes(UTF_8)) {
            peer.write(ByteBuffer.wrap(new byte[] {b}));
            peer.flush();
        }
        peer.closeOutput();

        assertThat(received.get(20, TimeUnit.SECONDS))
                .extracting(JsonNode::toString)
                .containsExactly(DOCUMENT, DOCUMENT, "12", "true", "\"x\"");
    }

    @Test
    void aMessageCutAnywhereByATimeoutIsKeptForTheNextReceive() throws IOException {
        MessageConnection<JsonNode, Object> messages = receiving(JsonNode.class);
        byte[] bytes = DOCUMENT.getBytes(UTF_8);
        for (int cut = 0; cut < bytes.length; cut++) {
            peer.write(ByteBuffer.wrap(bytes, 0, cut));
            messages.connection().setReadTimeout(Duration.ofMillis(2));
            assertThatThrownBy(messages::receive).isInstanceOf(ConnectionTimeoutException.class);

            messages.connection().setReadTimeout(Duration.ZERO);
            peer.write(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
            assertThat(messages.receive()).hasToString(DOCUMENT);
        }
    }

    @Test
    void theEndInsideAMessageIsNeverAShortMessage() throws IOException {
        byte[] bytes = DOCUMENT.getBytes(UTF_8);
        for (int cut = 1; cut < bytes.length; cut++) {
            DuplexConnection.Pair ends = DuplexConnection.pair();
            ends.client().write(ByteBuffer.wrap(bytes, 0, cut));
            ends.client().closeOutput();
            MessageConnection<JsonNode, Object> messages =
                    MessageConnection.of(ends.server(), JsonCodec.of(JsonNode.class), JsonCodec.of(Object.class));

            assertThatThrownBy(messages::receive).isInstanceOf(EOFException.class);
            assertThatThrownBy(messages::receive).isInstanceOf(EOFException.class);
            ends.server().close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"", "\"a", "\"a\\", "\"a\\\"", "-", "1.", "1e", "1e+", "t", "tru", "fals", "n", "nul", "[1", "[1]["
            })
    void aValueThatIsCutInTwoIsAnEndOfFile(String text) throws IOException {
        peerSends(text);
        peer.closeOutput();

        assertThatThrownBy(() -> receiveAll(receiving(JsonNode.class)))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("inside the message");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1.5e7", "true", "false", "\"a\"", "{}", "[]"})
    void theLastValueNeedsNoLineFeed(String text) throws IOException {
        peerSends("0 " + text);
        peer.closeOutput();

        assertThat(receiveAll(receiving(JsonNode.class))).hasSize(2);
    }

    @Test
    void theEndIsNullAndStaysNull() throws IOException {
        MessageConnection<Point, Object> messages = receiving(Point.class);
        peerSends("\n\n");
        peer.closeOutput();

        assertThat(messages.receive()).isNull();
        assertThat(messages.receive()).isNull();
    }

    @Test
    void aResetIsNeverAnEnd() throws IOException {
        MessageConnection<Point, Object> messages = receiving(Point.class);
        peer.abort();

        assertThatThrownBy(messages::receive).isInstanceOf(ConnectionResetException.class);
    }

    @Test
    void aMessageThatCannotBeDecodedIsPassedOver() throws IOException {
        MessageConnection<Point, Object> messages = receiving(Point.class);
        peerSends("{\"x\":1,\"y\":1} {\"x\":\"one\"}\n} oops [1}\n{\"x\":2,\"y\":2}");

        assertThat(messages.receive()).isEqualTo(new Point(1, 1));
        assertThatThrownBy(messages::receive)
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("byte 14 of the input")
                .hasMessageContaining("{\"x\":\"one\"}");
        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class).hasMessageContaining("1 bytes are }");
        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class).hasMessageContaining("are oops");
        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class).hasMessageContaining("are [1}");
        assertThat(messages.receive()).isEqualTo(new Point(2, 2));
    }

    @Test
    void anExcerptIsShortAndHasNoControlCharacters() throws IOException {
        MessageConnection<Point, Object> messages = receiving(Point.class);
        peerSends("[\"\u001b[31m\n" + "x".repeat(10_000) + "\"]");

        assertThatThrownBy(messages::receive)
                .isInstanceOf(CodecException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\u001b", "\n"));
    }

    @Test
    void jsonNullIsNotTheEnd() throws IOException {
        MessageConnection<Point, Object> messages = receiving(Point.class);
        peerSends("null {\"x\":2,\"y\":2}");

        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class).hasMessageContaining("null");
        assertThat(messages.receive()).isEqualTo(new Point(2, 2));
    }

    @Test
    void aMessageThatCannotBeEncodedFailsItsOwnSendOnly() throws IOException {
        MessageConnection<Object, Object> messages = receiving(Object.class);
        Object broken = new Broken("x".repeat(20_000), Collections.singletonMap(null, "no name"));

        assertThatThrownBy(() -> messages.send(broken))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("Null key");
        messages.send("fine");
        messages.closeOutput();

        assertThat(peer.input().readAllBytes()).asString(UTF_8).isEqualTo("\"fine\"\n");
    }

    @Test
    void messagesOfManySendersNeverMix() throws Exception {
        MessageConnection<JsonNode, Object> messages = receiving(JsonNode.class);
        MessageConnection<Object, Object> sender = MessageConnection.of(peer, JsonCodec.of(Object.class));
        int senders = 8;
        int each = 300;
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int id = 0; id < senders; id++) {
            int from = id;
            running.add(CompletableFuture.runAsync(() -> {
                try {
                    for (int number = 0; number < each; number++) {
                        sender.send(Map.of("from", from, "number", number, "text", "y".repeat(number * 7)));
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }

        Map<Object, Integer> last = new HashMap<>();
        for (int count = 0; count < senders * each; count++) {
            JsonNode message = messages.receive();
            assertThat(message).isNotNull();
            int number = message.get("number").intValue();
            assertThat(last.put(message.get("from").intValue(), number)).isEqualTo(number == 0 ? null : number - 1);
            assertThat(message.get("text").stringValue()).isEqualTo("y".repeat(number * 7));
        }
        for (CompletableFuture<Void> one : running) {
            one.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void anInterruptKeepsThePartialMessageAndTheFlag() throws IOException {
        MessageConnection<String, Object> messages = receiving(String.class);
        peerSends("\"ab");

        Thread.currentThread().interrupt();
        assertThatThrownBy(messages::receive).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        peerSends("c\"");

        assertThat(messages.receive()).isEqualTo("abc");
    }

    @Test
    void closingWakesAReceiveAndASend() throws Exception {
        DuplexConnection.Pair small =
                DuplexConnection.pair(100, ConnectionOptions.defaults().sendBufferBytes(100));
        MessageConnection<String, String> messages = MessageConnection.of(small.client(), JsonCodec.of(String.class));
        CompletableFuture<Throwable> receive = failureOf(messages::receive);
        CompletableFuture<Throwable> send = failureOf(() -> messages.send("a".repeat(1000)));
        // The first byte proves that the send is under way.
        small.server().input().read();

        assertThatThrownBy(messages::close)
                .isInstanceOf(ConnectionResetException.class)
                .hasMessageContaining("partly");

        assertThat(receive.get(10, TimeUnit.SECONDS)).isInstanceOf(ConnectionClosedException.class);
        assertThat(send.get(10, TimeUnit.SECONDS)).isInstanceOf(ConnectionClosedException.class);
    }

    private static CompletableFuture<Throwable> failureOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        call.call();
                        failure.completeExceptionally(new AssertionError("did not fail"));
                    } catch (Throwable e) {
                        failure.complete(e);
                    }
                })
                .start();
        return failure;
    }

    @Test
    void aDeepNestOfArraysIsATypedErrorAndNotAStackOverflow() throws IOException {
        MessageConnection<JsonNode, Object> messages = receiving(JsonNode.class);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                peerSends("[".repeat(400_000) + "]".repeat(400_000) + "1 ");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class);
        assertThat(messages.receive()).hasToString("1");
        sent.join();
    }

    @Test
    void timesAndRecordsNeedNoConfiguration() throws IOException {
        record Event(Instant time) {}
        MessageConnection<Event, Event> messages = MessageConnection.of(pair.server(), JsonCodec.of(Event.class));
        peerSends("{\"time\":\"2024-01-02T03:04:05.678+01:00\",\"unknown\":1}");

        assertThat(messages.receive()).isEqualTo(new Event(Instant.parse("2024-01-02T02:04:05.678Z")));
    }
}
