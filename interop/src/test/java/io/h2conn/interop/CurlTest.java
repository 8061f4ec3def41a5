package io.h2conn.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.conformance.LeakCheck;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * curl against our server.
 *
 * <p>To run: {@code mvn -Pforeign verify -pl interop -am -Dtest=CurlTest}, which needs curl with HTTP/2; {@code curl
 * --version} names it among the features. Transcripts are in {@code target/transcripts}. By hand, with the echo server of
 * the examples, each line comes back as soon as it is typed:
 *
 * <pre>{@code
 * curl -sN --http2-prior-knowledge -X POST -T . http://127.0.0.1:8080/raw
 * }</pre>
 */
class CurlTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Peers peers = new Peers();

    @ParameterizedTest
    @EnumSource
    void everyLineIsEchoedBeforeTheNextIsSent(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl(http2(wire, "-X", "POST", "-T", ".", server.url("/raw")));

            for (String line : List.of("one", "two", "drei", "\u56db", "5 5 5 5 5")) {
                curl.send(line);
                assertThat(curl.line()).isEqualTo(line);
            }
            curl.endInput();

            assertThat(curl.restOfOutput()).isEmpty();
            assertThat(curl.exitCode()).isZero();
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everythingIsEchoedWhenTheInputHasEndedBeforeCurlStarts(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl(http2(wire, "-X", "POST", "-d", "all at once", server.url("/raw")));

            assertThat(curl.restOfOutput()).containsExactly("all at once");
            assertThat(curl.exitCode()).isZero();
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestWithoutABodyIsAConnectionWhoseInputHasEnded(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl(http2(wire, "-w", "%{http_code} %{http_version}", server.url("/raw")));

            assertThat(curl.restOfOutput()).containsExactly("200 2");
            assertThat(curl.exitCode()).isZero();
            assertThat(JavaServer.closed(server.accepted())).matches(CloseReason::isOrderly, "is orderly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void intermediariesAreToldNotToKeepOrChangeAnything(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl(http2(wire, "-i", "--compressed", server.url("/raw")));

            assertThat(curl.restOfOutput())
                    .contains("cache-control: no-store, no-transform", "x-accel-buffering: no")
                    .noneMatch(line -> line.startsWith("content-encoding") || line.startsWith("content-length"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestByHttp11IsAnsweredWith505AndWhatToDo(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl("--http1.1", "-i", "-X", "POST", "-d", "hello", server.url("/raw"));

            assertThat(curl.restOfOutput()).satisfies(answer -> {
                assertThat(answer).first().asString().startsWith("HTTP/1.1 505 ");
                assertThat(answer).last().asString().contains("HTTP/2", "curl --http2-prior-knowledge");
            });
            assertThat(curl.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownPathIs404(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl(http2(wire, "-w", "%{http_code} %{http_version}", server.url("/nowhere")));

            assertThat(curl.restOfOutput()).endsWith("404 2");
            assertThat(curl.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCurlThatIsKilledIsALossAtOnce(Wire wire) throws Exception {
        try (JavaServer server = new JavaServer(wire)) {
            ForeignProcess curl = peers.curl(http2(wire, "-X", "POST", "-T", ".", server.url("/raw")));
            curl.send("still here");
            assertThat(curl.line()).isEqualTo("still here");

            curl.kill();

            assertThat(JavaServer.closed(server.accepted()).failure()).isInstanceOf(ConnectionLostException.class);
        }
    }

    private static String[] http2(Wire wire, String... arguments) {
        String version = wire == Wire.TLS ? "--http2" : "--http2-prior-knowledge";
        return Stream.concat(Stream.of(version), Stream.of(arguments)).toArray(String[]::new);
    }
}
