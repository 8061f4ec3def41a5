package io.h2conn.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.NotHttp2Exception;
import io.h2conn.Origin;
import io.h2conn.TlsException;
import io.h2conn.UnreachableException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every way in which a connect fails has a type, names the URI, comes in time and leaves nothing behind. */
@ExtendWith(NoLeaks.class)
class ConnectFailureTest {
    private static final Duration SOON = Duration.ofMillis(400);

    /** Connects in both ways, each of which must fail alike. */
    private static <T extends Exception & ConnectionFailure> T failure(DuplexClient client, String uri, Class<T> type) {
        ConnectRequest request = ConnectRequest.to(uri);
        long start = System.nanoTime();
        List<T> failures = new ArrayList<>();
        assertThatThrownBy(() -> client.connect(request)).isInstanceOfSatisfying(type, failures::add);
        assertThat(failures.get(0)).hasMessageContaining("POST " + uri);
        assertThat(failures.get(0).getStackTrace()[0].getClassName()).startsWith("io.h2conn.client.DuplexClient");
        assertThatThrownBy(() -> client.open(request).read(ByteBuffer.allocate(1)))
                .isInstanceOf(type)
                .hasMessageContaining("POST " + uri);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        return failures.get(0);
    }

    private static DuplexClient impatient() {
        return DuplexClient.builder().connectTimeout(SOON).build();
    }

    private static ServerSocket listen(int backlog) throws Exception {
        return new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
    }

    @Test
    void aPortWhereNobodyListensIsUnreachable() throws Exception {
        int port;
        try (ServerSocket closed = listen(1)) {
            port = closed.getLocalPort();
        }
        try (DuplexClient client = DuplexClient.create()) {
            UnreachableException e = failure(client, "http://127.0.0.1:" + port + "/x", UnreachableException.class);

            assertThat(e).hasMessageContaining("refused");
            assertThat(e.retrySafe()).isTrue();
        }
    }

    @Test
    void aHostThatDoesNotExistIsUnreachable() throws Exception {
        try (DuplexClient client = DuplexClient.builder()
                .resolver(host -> {
                    throw new UnknownHostException(host);
                })
                .build()) {
            assertThat(failure(client, "http://nowhere.invalid/x", UnreachableException.class))
                    .hasMessageContaining("nowhere.invalid has no address");
        }
    }

    @Test
    void aSlowNameServiceIsATimeout() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (DuplexClient client = DuplexClient.builder()
                .connectTimeout(SOON)
                .resolver(host -> {
                    try {
                        over.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return new InetAddress[] {InetAddress.getLoopbackAddress()};
                })
                .build()) {
            assertThat(failure(client, "http://slow.invalid/x", ConnectionTimeoutException.class))
                    .hasMessageContaining("the address of slow.invalid is not known");
        } finally {
            over.countDown();
        }
    }

    @Test
    void aTcpConnectionThatIsNotAcceptedIsATimeout() throws Exception {
        try (BlackHole full = new BlackHole(0);
                DuplexClient client = impatient()) {

            assertThat(failure(client, "http://127.0.0.1:" + full.port() + "/x", ConnectionTimeoutException.class))
                    .hasMessageContaining("has not accepted the TCP connection");
        }
    }

    @Test
    void anAddressThatDoesNotAnswerTakesOnlyItsShareOfTheTime() throws Exception {
        InetAddress deaf = InetAddress.getLoopbackAddress();
        InetAddress good = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        try (JettyPeer server = JettyPeer.clear("127.0.0.2", 128);
                BlackHole full = new BlackHole(server.port());
                DuplexClient client = DuplexClient.builder()
                        .connectTimeout(Duration.ofSeconds(2))
                        .resolver(host -> new InetAddress[] {deaf, good})
                        .build();
                DuplexConnection connection = client.connect(server.uri("a-name", "/echo"))) {
            assertThat(connection.info().remoteAddress()).isEqualTo(new InetSocketAddress(good, full.port()));
        }
    }

    @Test
    void whoIsMorePatientWaitsLonger() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (RawPeer server = new RawPeer(wire -> {
                    goOn.await();
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.builder()
                        .connectTimeout(Duration.ofMillis(100))
                        .build()) {
            CompletableFuture<DuplexConnection> patient = client.connectAsync(
                    ConnectRequest.to(server.uri("/patient")).timeout(Duration.ofSeconds(20)));

            assertThatThrownBy(() -> client.connect(server.uri("/impatient")))
                    .isInstanceOf(ConnectionTimeoutException.class);
            assertThat(patient).isNotDone();
            goOn.countDown();
            assertThat(patient.get(5, TimeUnit.SECONDS).info().status()).isEqualTo(200);
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void aTlsHandshakeThatDoesNotEndIsATimeout() throws Exception {
        try (RawPeer server = new RawPeer(RawPeerScripts.SILENT);
                DuplexClient client = impatient()) {
            assertThat(failure(client, "https://127.0.0.1:" + server.port() + "/x", ConnectionTimeoutException.class))
                    .hasMessageContaining("the TLS handshake")
                    .hasMessageContaining("has not finished");
            NoLeaks.eventually("the TCP connections are closed", () -> server.open() == 0);
        }
    }

    @Test
    void settingsThatDoNotComeAreATimeout() throws Exception {
        try (RawPeer server = new RawPeer(RawPeerScripts.SILENT);
                DuplexClient client = impatient()) {
            assertThat(failure(client, server.uri("/x"), ConnectionTimeoutException.class))
                    .hasMessageContaining("has not sent its HTTP/2 SETTINGS");
            NoLeaks.eventually("the TCP connections are closed", () -> server.open() == 0);
        }
    }

    @Test
    void anAnswerThatDoesNotComeIsATimeoutAndTheStreamIsReset() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    RawPeer.Frame reset = wire.await(RawPeer.RST_STREAM);
                    assertThat(reset.stream()).isEqualTo(stream);
                    assertThat(reset.code()).isEqualTo(8);
                    wire.awaitEnd();
                });
                DuplexClient client = impatient()) {
            assertThatThrownBy(() -> client.connect(server.uri("/x")))
                    .isInstanceOf(ConnectionTimeoutException.class)
                    .hasMessageContaining("POST " + server.uri("/x"))
                    .hasMessageContaining("within 400 ms")
                    .hasMessageContaining("the server has not answered");
        }
    }

    @Test
    void aServerThatSpeaksHttp1OnlyIsNotHttp2() throws Exception {
        try (JettyPeer server = JettyPeer.http1();
                DuplexClient client = DuplexClient.create()) {
            assertThat(failure(client, server.uri("/x"), NotHttp2Exception.class))
                    .hasMessageContaining("HTTP/1.1");
            assertThat(server.requests).isEmpty();
            NoLeaks.eventually("the TCP connections are closed", () -> server.openTcpConnections() == 0);
        }
    }

    @Test
    void aServerThatAnswersInTextIsNotHttp2() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.out.write("HTTP/1.1 400 Bad Request\r\n\r\n<html>".getBytes(StandardCharsets.US_ASCII));
                    wire.socket.shutdownOutput();
                    wire.socket.getInputStream().readAllBytes();
                });
                DuplexClient client = DuplexClient.create()) {
            assertThat(failure(client, server.uri("/x"), NotHttp2Exception.class))
                    .hasMessageContaining("it answered 'HTTP/1.1 400 Bad Request'");
        }
    }

    @Test
    void aServerThatSaysNothingAndClosesIsNotHttp2() throws Exception {
        try (RawPeer server = new RawPeer(wire -> wire.in.readNBytes(24));
                DuplexClient client = DuplexClient.create()) {
            assertThat(failure(client, server.uri("/x"), NotHttp2Exception.class))
                    .hasMessageContaining("without a word of HTTP/2");
        }
    }

    @Test
    void aTlsServerThatIsSpokenToInTheClearIsRecognised() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("127.0.0.1"), null);
                DuplexClient client = DuplexClient.create()) {
            String uri = server.uri("/x").replace("https:", "http:");

            assertThat(failure(client, uri, NotHttp2Exception.class)).hasMessageContaining("use https://");
        }
    }

    @Test
    void aClearServerThatIsSpokenToInTlsIsRecognised() throws Exception {
        try (JettyPeer server = JettyPeer.http1();
                DuplexClient client = DuplexClient.create()) {
            String uri = server.uri("/x").replace("http:", "https:");

            assertThat(failure(client, uri, TlsException.class)).hasMessageContaining("is http:// meant?");
        }
    }

    @Test
    void aTlsServerThatChoosesNoProtocolIsNotHttp2() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.http1OverTls(authority.keyStore("127.0.0.1"), false);
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build()) {
            assertThat(failure(client, server.uri("/x"), NotHttp2Exception.class))
                    .hasMessageContaining("by ALPN it chose nothing");
            assertThat(server.requests).isEmpty();
            NoLeaks.eventually("the TCP connections are closed", () -> server.openTcpConnections() == 0);
        }
    }

    @Test
    void aTlsServerThatRejectsTheProtocolIsNotHttp2() throws Exception {
        TestCertificates authority = new TestCertificates();
        SSLServerSocket listener = authority.listen("127.0.0.1", "http/1.1");
        try (RawPeer server = new RawPeer(listener, wire -> wire.in.readNBytes(1));
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build()) {
            String uri = "https://127.0.0.1:" + server.port() + "/x";

            assertThat(failure(client, uri, NotHttp2Exception.class)).hasMessageContaining("does not offer HTTP/2");
        }
    }

    @Test
    void aTlsServerThatClosesInTheHandshakeIsATlsFailure() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.http1OverTls(authority.keyStore("127.0.0.1"), true);
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build()) {
            TlsException e = failure(client, server.uri("/x"), TlsException.class);

            assertThat(e.origin()).isEqualTo(Origin.PEER);
            assertThat(e).hasMessageContaining("does not offer HTTP/2");
        }
    }

    @Test
    void aTlsServerThatClosesAfterTheHandshakeIsALoss() throws Exception {
        TestCertificates authority = new TestCertificates();
        SSLServerSocket listener = authority.listen("127.0.0.1", "h2");
        try (RawPeer server = new RawPeer(listener, wire -> wire.in.readNBytes(24));
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build()) {
            String uri = "https://127.0.0.1:" + server.port() + "/x";

            assertThat(failure(client, uri, ConnectionLostException.class).retrySafe())
                    .isTrue();
        }
    }

    @Test
    void aCertificateOfAnUnknownAuthorityIsATlsFailure() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("127.0.0.1"), null);
                DuplexClient client = DuplexClient.create()) {
            TlsException e = failure(client, server.uri("/x"), TlsException.class);

            assertThat(e.origin()).isEqualTo(Origin.LOCAL);
            assertThat(e.retrySafe()).isTrue();
            assertThat(e).hasMessageContaining("trustStore");
            NoLeaks.eventually("the TCP connections are closed", () -> server.openTcpConnections() == 0);
        }
    }

    @Test
    void anExpiredCertificateIsATlsFailure() throws Exception {
        tlsFailure(authority -> keys(authority, Instant.now().minus(Duration.ofDays(1)), "127.0.0.1"), "NotAfter");
    }

    @Test
    void aCertificateOfAnotherHostIsATlsFailure() throws Exception {
        tlsFailure(authority -> keys(authority, Instant.now().plus(Duration.ofDays(1)), "elsewhere"), "127.0.0.1");
    }

    private static KeyStore keys(TestCertificates authority, Instant until, String host) {
        try {
            return authority.keyStore(until, host);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void tlsFailure(Function<TestCertificates, KeyStore> keys, String reason) throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(keys.apply(authority), null);
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build()) {
            TlsException e = failure(client, server.uri("/x"), TlsException.class);

            assertThat(e.origin()).isEqualTo(Origin.LOCAL);
            assertThat(e).hasMessageContaining(reason);
            assertThat(server.requests).isEmpty();
        }
    }

    @Test
    void aClientWithoutTheCertificateThatTheServerWantsIsATlsFailure() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("127.0.0.1"), authority.trustStore());
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build()) {
            TlsException e = failure(client, server.uri("/x"), TlsException.class);

            assertThat(e.origin()).isEqualTo(Origin.PEER);
            assertThat(e).hasMessageContaining("certificate");
        }
    }

    @Test
    void aClientCertificateThatTheServerDoesNotTrustIsATlsFailure() throws Exception {
        TestCertificates authority = new TestCertificates();
        TestCertificates stranger = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("127.0.0.1"), authority.trustStore());
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .keyStore(stranger.keyStore("me"), TestCertificates.PASSWORD)
                        .build()) {
            assertThat(failure(client, server.uri("/x"), TlsException.class).origin())
                    .isEqualTo(Origin.PEER);
        }
    }

    @Test
    void aResetInsteadOfAnAnswerIsAReset() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    wire.sendCode(RawPeer.RST_STREAM, wire.await(RawPeer.HEADERS).stream(), 2);
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.create()) {
            assertThatThrownBy(() -> client.connect(server.uri("/x")))
                    .isInstanceOfSatisfying(ConnectionResetException.class, e -> {
                        assertThat(e.errorCode()).isEqualTo(ErrorCode.INTERNAL_ERROR);
                        assertThat(e.origin()).isEqualTo(Origin.PEER);
                        assertThat(e.retrySafe()).isFalse();
                        assertThat(e).hasMessageContaining("POST " + server.uri("/x"));
                    });
        }
    }

    @Test
    void aTcpConnectionThatEndsInsteadOfAnAnswerIsALoss() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    wire.await(RawPeer.HEADERS);
                });
                DuplexClient client = DuplexClient.create()) {
            assertThatThrownBy(() -> client.connect(server.uri("/x")))
                    .isInstanceOfSatisfying(ConnectionLostException.class, e -> {
                        assertThat(e.retrySafe()).isFalse();
                        assertThat(e).hasMessageContaining("POST " + server.uri("/x"));
                    });
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void manyFailuresAtOnceAllFail() throws Exception {
        try (RawPeer server = new RawPeer(wire -> wire.in.readNBytes(24));
                DuplexClient client = DuplexClient.create()) {
            List<CompletableFuture<DuplexConnection>> connects = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                connects.add(client.connectAsync(ConnectRequest.to(server.uri("/" + i))));
            }
            for (int i = 0; i < 50; i++) {
                String path = "/" + i;
                assertThat(connects.get(i))
                        .failsWithin(5, TimeUnit.SECONDS)
                        .withThrowableThat()
                        .withCauseInstanceOf(NotHttp2Exception.class)
                        .withMessageContaining(server.uri(path));
            }
        }
    }
}
