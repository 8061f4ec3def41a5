package io.h2conn.interop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.conformance.LeakCheck;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our JSON and that of Go's {@code encoding/json}: 10,000 values in each direction at the same time, which both sides
 * compare with what they should be. See {@link Value} for what is in them.
 *
 * <p>To run: {@code mvn -Pforeign verify -pl interop -am -Dtest=GoJsonTest}, which needs Debian's packages golang-go and
 * golang-golang-x-net-dev.
 */
@Timeout(value = 120, unit = SECONDS)
class GoJsonTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Peers peers = new Peers();

    @BeforeAll
    @Timeout(GoPeer.BUILD_SECONDS)
    static void buildTheGoProgram() {
        GoPeer.program();
    }

    static Stream<Arguments> wiresAndStyles() {
        return Arrays.stream(Wire.values())
                .flatMap(wire -> Arrays.stream(ValueExchange.Style.values()).map(style -> Arguments.of(wire, style)));
    }

    @ParameterizedTest
    @MethodSource("wiresAndStyles")
    void valuesArriveAsTheyWereSentBetweenOurClientAndGosServer(Wire wire, ValueExchange.Style style) throws Exception {
        GoServer go = peers.quietGoServer(wire);
        try (DuplexClient client = GoServerTest.client(wire)) {
            String path = "/values?style=" + style + "&count=" + style.count();
            DuplexConnection connection = client.connect(go.uri(path));
            assertThat(go.process().line()).isEqualTo("accepted POST " + path);

            assertThat(ValueExchange.exchange(connection, style, 1, 2)).isEqualTo(style.count());

            assertThat(go.process().line()).isEqualTo("verified " + style.count() + " values");
            assertThat(go.process().line()).isEqualTo("returned");
            assertThat(JavaServer.closed(connection)).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @MethodSource("wiresAndStyles")
    void valuesArriveAsTheyWereSentBetweenGosClientAndOurServer(Wire wire, ValueExchange.Style style) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess go = peers.quietGoClient(
                    "-do",
                    "values",
                    "-style",
                    style.toString(),
                    "-count",
                    Integer.toString(style.count()),
                    server.url("/values/" + style));
            assertThat(go.line()).isEqualTo("status 200");

            assertThat(go.line()).isEqualTo("verified " + style.count() + " values");
            assertThat(server.verified()).isEqualTo(style.count());
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
            go.endInput();
            assertThat(go.exitCode()).isZero();
        }
    }
}
