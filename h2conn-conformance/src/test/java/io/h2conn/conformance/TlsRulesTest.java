package io.h2conn.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionInfo;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import io.h2conn.TlsException;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.ClientAuth;
import io.h2conn.server.DuplexServer;
import io.h2conn.server.Refusal;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What both sides ask of TLS (RFC 9113, section 9.2). */
class TlsRulesTest {
    private static KeyStore first;
    private static KeyStore second;

    private final BlockingQueue<ConnectionInfo> accepted = new LinkedBlockingQueue<>();

    @BeforeAll
    static void makeKeys() throws Exception {
        first = TestTls.newKey("first");
        second = TestTls.newKey("second");
    }

    private DuplexServer.Builder builder() {
        return DuplexServer.builder().host("127.0.0.1").handle("/", connection -> {
            accepted.add(connection.info());
            connection.input().transferTo(connection.output());
        });
    }

    private static DuplexClient client(SSLContext context) {
        return DuplexClient.builder().sslContext(context).build();
    }

    private ConnectionInfo seen() throws InterruptedException {
        ConnectionInfo info = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(info).as("a connection is accepted").isNotNull();
        return info;
    }

    private static void echo(DuplexConnection connection, String words) throws Exception {
        connection.output().write(words.getBytes(UTF_8));
        byte[] back = connection.input().readNBytes(words.length());
        assertThat(new String(back, UTF_8)).isEqualTo(words);
    }

    private static String subject(ConnectionInfo info) throws SSLPeerUnverifiedException {
        return ((X509Certificate) info.tls().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    // ---------------------------------------------------------------- versions and ciphers

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothVersionsWorkInBothRoles(String version) throws Exception {
        SslContextFactory.Server onlyThat = new SslContextFactory.Server();
        onlyThat.setSslContext(TestTls.context("TLS", first));
        onlyThat.setIncludeProtocols(version);
        try (DuplexServer strictServer = builder().tls(onlyThat).start();
                DuplexServer server =
                        builder().tls(TestTls.context("TLS", first)).start();
                DuplexClient client = client(TestTls.context("TLS", null, first));
                DuplexClient oldClient = client(TestTls.context(version, null, first))) {
            for (DuplexConnection connection :
                    List.of(client.connect(strictServer.uri()), oldClient.connect(server.uri()))) {
                try (connection) {
                    echo(connection, "hush");
                    assertThat(connection.info().tls().getProtocol()).isEqualTo(version);
                    assertThat(seen().tls().getProtocol()).isEqualTo(version);
                }
            }
        }
    }

    @Test
    void olderVersionsAreSwitchedOffWhateverTheJdkAllows() throws Exception {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(TestTls.context("TLS", first));
        try (DuplexServer server = builder().tls(factory).start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            assertThat(factory.getExcludeProtocols()).contains("TLSv1", "TLSv1.1");
            assertThat(factory.newSSLEngine().getEnabledProtocols()).containsExactlyInAnyOrder("TLSv1.3", "TLSv1.2");

            socket.getOutputStream().write(clientHello(0x0302));

            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(in.readUnsignedByte()).as("an alert").isEqualTo(21);
            in.readInt();
            assertThat(in.readUnsignedByte()).as("fatal").isEqualTo(2);
            assertThat(in.readUnsignedByte()).as("protocol_version").isEqualTo(70);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    /** RFC 4346, section 7.4.1.2: a client's hello without extensions. */
    private static byte[] clientHello(int version) {
        ByteBuffer body = ByteBuffer.allocate(2 + 32 + 1 + 2 + 4 + 2);
        body.putShort((short) version)
                .put(new byte[32])
                .put((byte) 0)
                .putShort((short) 4)
                .putShort((short) 0xC009) // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
                .putShort((short) 0x002F) // TLS_RSA_WITH_AES_128_CBC_SHA
                .put((byte) 1)
                .put((byte) 0);
        ByteBuffer record = ByteBuffer.allocate(5 + 4 + body.capacity());
        record.put((byte) 22)
                .putShort((short) version)
                .putShort((short) (4 + body.capacity()))
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) body.capacity())
                .put(body.array());
        return record.array();
    }

    @Test
    void aServerDoesNotSpeakHttp2ByAForbiddenCipher() throws Exception {
        try (DuplexServer server = builder().tls(TestTls.context("TLS", first)).start();
                SSLSocket socket = (SSLSocket) TestTls.context("TLSv1.2", null, first)
                        .getSocketFactory()
                        .createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);

            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aServerPrefersACipherThatHttp2Allows() throws Exception {
        try (DuplexServer server = builder().tls(TestTls.context("TLS", first)).start();
                SSLSocket socket = (SSLSocket) TestTls.context("TLSv1.2", null, first)
                        .getSocketFactory()
                        .createSocket("127.0.0.1", server.port())) {
            socket.setEnabledCipherSuites(
                    new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
                    });
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);

            socket.startHandshake();

            assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
        }
    }

    @Test
    void aClientOffersNoForbiddenCipher() throws Exception {
        try (SSLServerSocket listener = (SSLServerSocket) TestTls.context("TLS", first)
                        .getServerSocketFactory()
                        .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
                DuplexClient client = client(TestTls.context("TLS", null, first))) {
            listener.setEnabledProtocols(new String[] {"TLSv1.2"});
            listener.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
            Thread serving = new Thread(() -> {
                try (SSLSocket socket = (SSLSocket) listener.accept()) {
                    socket.startHandshake();
                } catch (IOException e) {
                    // what the test is about
                }
            });
            serving.start();

            assertThatThrownBy(() -> client.connect("https://127.0.0.1:" + listener.getLocalPort() + "/"))
                    .isInstanceOfSatisfying(
                            TlsException.class, e -> assertThat(e.origin()).isEqualTo(Origin.PEER))
                    .hasMessageContaining("handshake_failure");
            serving.join();
        }
    }

    @Test
    void aClientWithoutAlpnIsToldToUseHttp2() throws Exception {
        try (DuplexServer server = builder().tls(TestTls.context("TLS", first)).start();
                SSLSocket socket = (SSLSocket) TestTls.context("TLS", null, first)
                        .getSocketFactory()
                        .createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith("HTTP/1.1 505 ")
                    .contains("ALPN");
        }
    }

    // ---------------------------------------------------------------- certificates

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void withMutualTlsEachSideKnowsTheOther(String version) throws Exception {
        try (DuplexServer server = builder()
                        .tls(TestTls.context("TLS", first, second))
                        .clientAuth(ClientAuth.NEED)
                        .admission(request -> {
                            EndPoint.SslSessionData tls =
                                    (EndPoint.SslSessionData) request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
                            String who = tls.peerCertificates()[0]
                                    .getSubjectX500Principal()
                                    .getName();
                            boolean known = tls.sslSession().getProtocol().equals(version) && who.equals("CN=second");
                            return known ? null : Refusal.status(403).body(who);
                        })
                        .start();
                DuplexClient client = client(TestTls.context(version, second, first));
                DuplexConnection connection = client.connect(server.uri())) {
            ConnectionInfo atServer = seen();
            assertThat(subject(atServer)).isEqualTo("CN=second");
            assertThat(atServer.principal()).hasToString("CN=second");
            assertThat(subject(connection.info())).isEqualTo("CN=first");
            assertThat(connection.info().principal()).hasToString("CN=first");
        }
    }

    // ---------------------------------------------------------------- reload

    @Test
    void aReloadChangesTheCertificateOfNewHandshakesOnly() throws Exception {
        try (DuplexServer server = builder().tls(TestTls.context("TLS", first)).start();
                DuplexClient before = client(TestTls.context("TLS", null, first, second));
                DuplexClient after = client(TestTls.context("TLS", null, first, second));
                DuplexConnection old = before.connect(server.uri())) {
            assertThat(subject(old.info())).isEqualTo("CN=first");

            server.reloadTls(TestTls.context("TLS", second));

            echo(old, "still here");
            try (DuplexConnection made = after.connect(server.uri())) {
                assertThat(subject(made.info())).isEqualTo("CN=second");
                echo(made, "and here");
            }
            echo(old, "still here");
            assertThatThrownBy(() -> {
                        try (DuplexClient suspicious = client(TestTls.context("TLS", null, first))) {
                            suspicious.connect(server.uri());
                        }
                    })
                    .isInstanceOf(TlsException.class);
        }
    }

    @Test
    void aContextThatCannotServeChangesNothing() throws Exception {
        SSLContext uninitialized = SSLContext.getInstance("TLS");
        try (DuplexServer server = builder().tls(TestTls.context("TLS", first)).start()) {
            for (SSLContext bad : List.of(TestTls.context("TLS", null, first), uninitialized)) {
                assertThatThrownBy(() -> server.reloadTls(bad))
                        .isInstanceOfSatisfying(
                                TlsException.class, e -> assertThat(e.origin()).isEqualTo(Origin.LOCAL))
                        .hasMessageContaining("the old one stays in use");

                try (DuplexClient client = client(TestTls.context("TLS", null, first));
                        DuplexConnection connection = client.connect(server.uri())) {
                    assertThat(subject(connection.info())).isEqualTo("CN=first");
                }
            }
        }
    }

    @Test
    void aServerWithoutTlsHasNothingToReload() throws Exception {
        try (DuplexServer server = builder().start()) {
            assertThatThrownBy(() -> server.reloadTls(TestTls.context("TLS", first)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("without tls");
        }
    }

    @Test
    void jettysOwnReloadOfAKeyStoreFileWorks(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("keys.p12");
        store(first, file);
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setKeyStorePath(file.toUri().toString());
        factory.setKeyStorePassword(new String(TestTls.PASSWORD));
        factory.setSniRequired(false);
        try (DuplexServer server = builder().tls(factory).start()) {
            store(second, file);

            factory.reload(unchanged -> {});

            try (DuplexClient client = client(TestTls.context("TLS", null, second));
                    DuplexConnection connection = client.connect(server.uri())) {
                assertThat(subject(connection.info())).isEqualTo("CN=second");
            }
            server.reloadTls(TestTls.context("TLS", first));
            try (DuplexClient client = client(TestTls.context("TLS", null, first));
                    DuplexConnection connection = client.connect(server.uri())) {
                assertThat(subject(connection.info())).isEqualTo("CN=first");
            }
        }
    }

    private static void store(KeyStore keys, Path file) throws Exception {
        try (OutputStream out = Files.newOutputStream(file)) {
            keys.store(out, TestTls.PASSWORD);
        }
    }

    @Test
    void aClientsReloadChangesNewSessionsOnly() throws Exception {
        SSLContext broken = SSLContext.getInstance("TLS");
        try (DuplexServer one = builder()
                        .tls(TestTls.context("TLS", first, first, second))
                        .clientAuth(ClientAuth.NEED)
                        .start();
                DuplexServer other = builder()
                        .tls(TestTls.context("TLS", second, first, second))
                        .clientAuth(ClientAuth.NEED)
                        .start();
                DuplexClient client = client(TestTls.context("TLS", first, first));
                DuplexConnection old = client.connect(one.uri())) {
            assertThat(seen().principal()).hasToString("CN=first");
            assertThatThrownBy(() -> client.connect(other.uri())).isInstanceOf(TlsException.class);
            assertThatThrownBy(() -> client.reloadTls(broken))
                    .isInstanceOf(TlsException.class)
                    .hasMessageContaining("the old one stays in use");

            client.reloadTls(TestTls.context("TLS", second, second));

            try (DuplexConnection made = client.connect(ConnectRequest.to(other.uri()))) {
                assertThat(seen().principal()).hasToString("CN=second");
                echo(made, "new");
            }
            echo(old, "old");
        }
    }
}
