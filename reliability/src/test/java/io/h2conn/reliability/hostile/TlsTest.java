package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.client.DuplexClient;
import io.h2conn.conformance.LeakCheck;
import io.h2conn.server.ClientAuth;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that have trouble with TLS, or want the server to. */
class TlsTest {
    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    private final Certificates ours = Certificates.of("127.0.0.1");
    private final Certificates theirs = Certificates.of("mallory");
    private Log log;
    private DuplexServer server;
    private DuplexClient client;
    private Siege.Bystander bystander;

    @BeforeEach
    void start() throws IOException {
        log = new Log();
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .tls(ours.context(ours))
                .clientAuth(ClientAuth.NEED)
                .handle("/echo", connection -> connection.input().transferTo(connection.output()))
                .closeTimeout(Duration.ofMillis(200))
                .start();
        client = DuplexClient.builder().sslContext(ours.context(ours)).build();
        bystander = new Siege.Bystander(client.connect(uri()));
    }

    private URI uri() {
        return server.uri().resolve("/echo");
    }

    @AfterEach
    void theBystanderGoesOn() throws Exception {
        bystander.goesOn();
        Eventually.holds(
                "no TCP connection but the bystander's",
                () -> server.jetty().getConnectors()[0].getConnectedEndPoints().size() == 1);
        bystander.end();
        client.close();
        server.close();
        log.close();
    }

    private Socket tcp() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private SSLSocket tls(SSLContext context, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port());
        socket.setSoTimeout(10_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        return socket;
    }

    private void assertLogged() throws Exception {
        Eventually.holds("a line in the log", () -> !lines().isEmpty());
        assertThat(lines())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("INFO").contains("no TLS with /127.0.0.1:"));
    }

    private List<String> lines() {
        return log.lines();
    }

    @Test
    void plainBytesAreEndedAndLoggedOnce() throws Exception {
        try (Socket attacker = tcp()) {
            attacker.getOutputStream().write(Wire.PREFACE);
            attacker.getInputStream().readAllBytes(); // an alert, perhaps, and the end
        }
        assertLogged();
    }

    @Test
    void halfAHandshakeThatIsCutIsNoTrouble() throws Exception {
        try (Socket attacker = tcp()) {
            attacker.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1});
        }
        bystander.goesOn();
    }

    @Test
    void aClientWithoutACertificateIsTurnedAwayAndLoggedOnce() throws Exception {
        SSLContext trusting = ours.contextWithoutKey(ours);
        try (SSLSocket attacker = tls(trusting, "h2")) {
            assertThatThrownBy(() -> {
                        attacker.getOutputStream().write(Wire.PREFACE);
                        attacker.getInputStream().readAllBytes();
                    })
                    .isInstanceOf(IOException.class);
        }
        assertLogged();
    }

    @Test
    void aClientWithACertificateThatIsNotTrustedIsTurnedAwayAndLoggedOnce() throws Exception {
        try (SSLSocket attacker = tls(theirs.context(ours), "h2")) {
            assertThatThrownBy(() -> {
                        attacker.getOutputStream().write(Wire.PREFACE);
                        attacker.getInputStream().readAllBytes();
                    })
                    .isInstanceOf(IOException.class);
        }
        assertLogged();
    }

    @Test
    void aClientWithoutAlpnSpeaksHttp1AndGetsNoConnection() throws Exception {
        try (SSLSocket attacker = tls(ours.context(ours))) {
            attacker.getOutputStream()
                    .write("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(attacker.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith("HTTP/1.1 505");
        }
        assertThat(lines()).isEmpty();
    }

    @Test
    void aClientWithoutAlpnThatSpeaksHttp2NeverthelessIsEnded() throws Exception {
        try (SSLSocket attacker = tls(ours.context(ours))) {
            attacker.getOutputStream().write(Wire.PREFACE);
            byte[] answer = attacker.getInputStream().readAllBytes();
            assertThat(new String(answer, US_ASCII)).matches("(?s)|HTTP/1.1 (4|5).*");
        }
    }

    @Test
    void aClientThatOffersOtherProtocolsOnlyIsTurnedAway() throws Exception {
        try (SSLSocket attacker = tls(ours.context(ours), "spdy/3")) {
            assertThatThrownBy(attacker::startHandshake).isInstanceOf(IOException.class);
        }
    }

    @Test
    void tlsOnAClearPortIsEnded() throws Exception {
        try (DuplexServer clear = DuplexServer.builder().host("127.0.0.1").start();
                SSLSocket attacker =
                        (SSLSocket) ours.context(ours).getSocketFactory().createSocket("127.0.0.1", clear.port())) {
            attacker.setSoTimeout(10_000);
            assertThatThrownBy(attacker::startHandshake).isInstanceOf(IOException.class);
        }
    }
}
