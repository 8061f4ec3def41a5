package io.h2conn.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.conformance.LeakCheck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Our client against Go's server, which cannot end its half and read on: when its handler returns, it ends the stream,
 * and resets it with NO_ERROR if the client has not ended its half by then.
 *
 * <p>To run: {@code mvn -Pforeign verify -pl interop -am -Dtest=GoServerTest}, which needs Debian's packages golang-go and
 * golang-golang-x-net-dev. Transcripts, with every frame, are in {@code target/transcripts}. By hand, for the clients of
 * the examples:
 *
 * <pre>{@code
 * interop/target/h2peer server -addr 127.0.0.1:8080
 * }</pre>
 */
class GoServerTest {
    /** Bytes. What Go's server lets a stream send before its handler has read any. */
    private static final int GO_WINDOW_BYTES = 1 << 20;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Peers peers = new Peers();

    @BeforeAll
    @Timeout(GoPeer.BUILD_SECONDS)
    static void buildTheGoProgram() {
        GoPeer.program();
    }

    @ParameterizedTest
    @CsvSource({"H2C, GET", "H2C, POST", "TLS, GET", "TLS, POST"})
    void jsonIsEchoedWithAnyMethodUntilTheClientEnds(Wire wire, String method) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire)) {
            DuplexConnection connection =
                    client.connect(ConnectRequest.to(go.uri("/")).method(method));
            MessageConnection<String, String> messages = MessageConnection.of(connection, JsonCodec.of(String.class));
            assertThat(go.process().line()).isEqualTo("accepted " + method + " /");

            for (String message : List.of("hello", "<&> \"quoted\"", "\u00e5\u00e4\u00f6", "")) {
                messages.send(message);
                assertThat(messages.receive()).isEqualTo(message.toUpperCase(Locale.ROOT));
                assertThat(go.process().line()).isEqualTo("received " + message);
            }
            messages.closeOutput();

            assertThat(messages.receive()).isNull();
            assertThat(go.process().line()).isEqualTo("end");
            assertThat(go.process().line()).isEqualTo("returned");
            assertThat(JavaServer.closed(connection)).matches(CloseReason::isOrderly, "is orderly");
            talkOnce(client, go);
        }
        assertThat(go.process().errors()).noneMatch(frame -> frame.contains("RST_STREAM"));
    }

    @ParameterizedTest
    @EnumSource
    void bytesAreEchoedAsTheyAre(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire);
                DuplexConnection connection = client.connect(go.uri("/raw"))) {
            for (String piece : List.of("one", "two", "three")) {
                connection.output().write(piece.getBytes(UTF_8));
                assertThat(connection.input().readNBytes(piece.length()))
                        .asString(UTF_8)
                        .isEqualTo(piece);
            }
            connection.closeOutput();

            assertThat(connection.input().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everythingIsReadableAfterClosingTheOutput(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire);
                DuplexConnection connection = client.connect(go.uri("/count"))) {
            connection.output().write(new byte[3]);
            connection.closeOutput();

            assertThat(connection.input().readAllBytes()).asString(UTF_8).isEqualTo("1\n2\n3\n");
            assertThat(JavaServer.closed(connection)).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatClosesFirstIsAnEndForTheServerAndNeverAReset(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire)) {
            DuplexConnection connection = client.connect(go.uri("/"));
            MessageConnection<String, String> messages = MessageConnection.of(connection, JsonCodec.of(String.class));
            messages.send("last words");

            // Neither waits for the answer nor reads it.
            messages.close();

            assertThat(go.process().line()).isEqualTo("accepted POST /");
            assertThat(go.process().line()).isEqualTo("received last words");
            assertThat(go.process().line()).isEqualTo("end");
            assertThat(go.process().line()).isEqualTo("returned");
            assertThat(JavaServer.closed(connection)).matches(CloseReason::isOrderly, "is orderly");
            talkOnce(client, go);
        }
        assertThat(go.process().errors()).noneMatch(frame -> frame.contains("RST_STREAM"));
    }

    @ParameterizedTest
    @EnumSource
    void everythingBeforeTheServersEndAndResetIsReadableAndCloseDoesNotThrow(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        List<String> answers = new ArrayList<>();
        try (DuplexClient client = client(wire)) {
            DuplexConnection connection = client.connect(go.uri("/?leave=3"));
            MessageConnection<String, String> messages = MessageConnection.of(connection, JsonCodec.of(String.class));
            for (String message : List.of("one", "two", "three")) {
                messages.send(message);
            }
            connection.flush();
            go.process().send("leave");
            go.process().awaitError("wrote RST_STREAM");
            // The answer to this came after the reset on the same TCP connection: that is here by now, too.
            talkOnce(client, go);

            for (String answer = messages.receive(); answer != null; answer = messages.receive()) {
                answers.add(answer);
            }
            assertThat(answers).containsExactly("ONE", "TWO", "THREE");
            assertThatThrownBy(() -> messages.send("four"))
                    .isInstanceOfSatisfying(ConnectionResetException.class, e -> {
                        assertThat(e.errorCode()).isEqualTo(ErrorCode.NO_ERROR);
                        assertThat(e.origin()).isEqualTo(Origin.PEER);
                    });
            messages.close();

            CloseReason reason = JavaServer.closed(connection);
            peers.note("closed: " + reason);
            assertThat(reason.origin()).isEqualTo(Origin.PEER);
            // Without the message that could not be sent: that was reported to its sender.
            assertThat(reason.bytesNotDelivered()).isZero();
        }
        assertThat(go.process().errors())
                .anyMatch(frame -> frame.contains("wrote RST_STREAM") && frame.contains("ErrCode=NO_ERROR"))
                .noneMatch(frame -> frame.contains("read RST_STREAM"));
    }

    @ParameterizedTest
    @EnumSource
    void whatAServerThatLeftDidNotWantIsCountedAndNoReasonForCloseToThrow(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        int unwanted = 64 * 1024;
        try (DuplexClient client = client(wire)) {
            DuplexConnection connection = client.connect(go.uri("/wait"));
            // All the server's window, which it does not read, and what stays in the send buffer.
            connection.write(ByteBuffer.allocate(GO_WINDOW_BYTES + unwanted));

            go.process().send("leave");

            assertThat(connection.input().readAllBytes()).asString(UTF_8).isEqualTo("goodbye\n");
            connection.close();
            CloseReason reason = JavaServer.closed(connection);
            peers.note("closed: " + reason);
            assertThat(reason.origin()).isEqualTo(Origin.PEER);
            assertThat(reason.bytesNotDelivered()).isGreaterThanOrEqualTo(unwanted);
            assertThat(reason.bytesSent() + reason.bytesNotDelivered()).isEqualTo(GO_WINDOW_BYTES + unwanted);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 120, unit = SECONDS)
    void aHundredMebibytesEachWayAtTheSameTimeArriveAsTheyWereSent(Wire wire) throws Exception {
        GoServer go = peers.quietGoServer(wire);
        try (DuplexClient client = client(wire);
                DuplexConnection connection = client.connect(go.uri("/bulk?bytes=" + GoPeer.BULK_BYTES))) {
            assertThat(go.process().line()).startsWith("accepted ");

            Amount.Exchange exchange = Amount.exchange(connection, GoPeer.BULK_BYTES, 1);

            peers.note("sent " + exchange.sent());
            peers.note("received " + exchange.received());
            assertThat(List.of(go.process().line(), go.process().line()))
                    .containsExactlyInAnyOrder("sent " + exchange.received(), "received " + exchange.sent());
            assertThat(exchange.received().bytes()).isEqualTo(GoPeer.BULK_BYTES);
            assertThat(go.process().line()).isEqualTo("returned");
            assertThat(JavaServer.closed(connection)).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAbortIsAnErrorForTheServerAndNotAnEnd(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire)) {
            DuplexConnection connection = client.connect(go.uri("/"));
            assertThat(go.process().line()).isEqualTo("accepted POST /");

            connection.abort();

            assertThat(go.process().line()).startsWith("failed: ");
            go.process().awaitError("read RST_STREAM stream=1 len=4 ErrCode=CANCEL");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownPathIsARefusalWithTheServersWords(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire)) {
            assertThatThrownBy(() -> client.connect(go.uri("/nowhere")))
                    .isInstanceOfSatisfying(ConnectionRefusedException.class, e -> {
                        assertThat(e.status()).isEqualTo(404);
                        assertThat(e.body()).asString(UTF_8).isEqualTo("404 page not found\n");
                    });
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatDiesIsALossAtOnce(Wire wire) throws Exception {
        GoServer go = peers.goServer(wire);
        try (DuplexClient client = client(wire)) {
            DuplexConnection connection = client.connect(go.uri("/"));

            go.process().kill();

            CloseReason reason = JavaServer.closed(connection);
            assertThat(reason.failure()).isInstanceOf(ConnectionLostException.class);
            assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
        }
    }

    /** A client of ours that trusts the servers of these tests. */
    static DuplexClient client(Wire wire) {
        DuplexClient.Builder builder = DuplexClient.builder();
        if (wire == Wire.TLS) {
            builder.trustStore(Certificate.get().trustStore());
        }
        return builder.build();
    }

    /** One more connection, on the same session: when it has its answer, the server has read all that we sent before. */
    private static void talkOnce(DuplexClient client, GoServer go) throws Exception {
        try (DuplexConnection connection = client.connect(go.uri("/raw"))) {
            connection.output().write('?');
            assertThat(connection.input().read()).isEqualTo('?');
        }
    }
}
