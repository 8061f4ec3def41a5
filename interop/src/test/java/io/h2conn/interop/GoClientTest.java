package io.h2conn.interop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.conformance.LeakCheck;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Go's client against our server.
 *
 * <p>To run: {@code mvn -Pforeign verify -pl interop -am -Dtest=GoClientTest}, which needs Debian's packages golang-go and
 * golang-golang-x-net-dev. Transcripts, with every frame, are in {@code target/transcripts}. By hand, with the echo
 * server of the examples, each line comes back in upper case as soon as it is typed:
 *
 * <pre>{@code
 * interop/target/h2peer client http://127.0.0.1:8080/
 * }</pre>
 */
class GoClientTest {
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
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient("-method", method, server.url("/"));
            assertThat(go.line()).isEqualTo("status 200");

            for (String line : List.of("hello", "<&> \"quoted\"", "\u00e5\u00e4\u00f6", "")) {
                go.send(line);
                assertThat(go.line()).isEqualTo("received " + line.toUpperCase(Locale.ROOT));
            }
            go.endInput();

            assertThat(go.line()).isEqualTo("end");
            assertThat(go.exitCode()).isZero();
            DuplexConnection connection = server.accepted();
            assertThat(connection.info().method()).isEqualTo(method);
            assertThat(JavaServer.closed(connection)).matches(CloseReason::isOrderly, "is orderly");
            assertThat(go.errors()).noneMatch(frame -> frame.contains("RST_STREAM"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesAreEchoedAsTheyAre(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient("-do", "raw", server.url("/raw"));
            assertThat(go.line()).isEqualTo("status 200");

            for (String line : List.of("one", "two", "three")) {
                go.send(line);
                assertThat(go.line()).isEqualTo(line);
            }
            go.endInput();

            assertThat(go.restOfOutput()).isEmpty();
            assertThat(go.exitCode()).isZero();
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatHasEndedItsHalfStillReceivesEverything(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient("-do", "raw", server.url("/count"));
            assertThat(go.line()).isEqualTo("status 200");

            go.send("12");
            go.endInput();

            assertThat(go.restOfOutput()).containsExactly("1", "2", "3");
            assertThat(go.exitCode()).isZero();
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatClosesFirstWaitsForTheClientsEndAndResetsNothing(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient(server.url("/leave"));
            assertThat(go.line()).isEqualTo("status 200");

            for (int i = 0; i < JavaServer.MESSAGES_BEFORE_LEAVING; i++) {
                go.send("message " + i);
                assertThat(go.line()).isEqualTo("received MESSAGE " + i);
            }

            assertThat(go.line()).isEqualTo("end");
            CloseReason reason = JavaServer.closed(server.accepted());
            assertThat(reason).matches(CloseReason::isOrderly, "is orderly");
            assertThat(reason.origin()).isEqualTo(Origin.LOCAL);
            go.endInput();
            assertThat(go.exitCode()).isZero();
            assertThat(go.errors()).noneMatch(frame -> frame.contains("RST_STREAM"));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 120, unit = SECONDS)
    void aHundredMebibytesEachWayAtTheSameTimeArriveAsTheyWereSent(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.quietGoClient("-do", "bulk", server.url("/bulk"));
            assertThat(go.line()).isEqualTo("status 200");

            Amount.Exchange exchange = server.exchanged();

            peers.note("sent " + exchange.sent());
            peers.note("received " + exchange.received());
            assertThat(List.of(go.line(), go.line()))
                    .containsExactlyInAnyOrder("sent " + exchange.received(), "received " + exchange.sent());
            assertThat(exchange.received().bytes()).isEqualTo(GoPeer.BULK_BYTES);
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
            go.endInput();
            assertThat(go.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatFailsIsAnErrorOfTheStreamAndNotAnEnd(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient(server.url("/fail"));
            assertThat(go.line()).isEqualTo("status 200");

            go.send("x");

            // Its answer may come, or be overtaken by the reset, which drops what is unread.
            assertThat(go.restOfOutput())
                    .doesNotContain("end")
                    .last()
                    .asString()
                    .contains("INTERNAL_ERROR");
            assertThat(go.exitCode()).isEqualTo(1);
            assertThat(JavaServer.closed(server.accepted()).code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalStopsTheClient(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient(server.url("/nowhere"));

            assertThat(go.restOfOutput()).anyMatch(line -> line.startsWith("failed: the server answered 404"));
            assertThat(go.exitCode()).isEqualTo(1);
        }
    }

    /** A program often exits when it has our end, and its TCP connection with it, before our write has returned. */
    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesOnceBothHalvesHaveEndedIsNeverALoss(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            for (int i = 0; i < 100; i++) {
                ForeignProcess go = peers.quietGoClient("-do", "raw", server.url("/count"));
                assertThat(go.line()).isEqualTo("status 200");
                go.endInput();
                assertThat(go.exitCode()).isZero();
                assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatDiesIsALossAtOnce(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.goClient(server.url("/"));
            assertThat(go.line()).isEqualTo("status 200");
            DuplexConnection connection = server.accepted();

            go.kill();

            CloseReason reason = JavaServer.closed(connection);
            assertThat(reason.failure()).isInstanceOf(ConnectionLostException.class);
            assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
        }
    }
}
