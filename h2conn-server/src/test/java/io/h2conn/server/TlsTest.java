package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionInfo;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static SSLContext context;

    /** One self-signed key for both sides, each of which trusts it. */
    @BeforeAll
    static void makeKey() throws Exception {
        Path file = folder.resolve("key.p12");
        generateKey(file, "me", "CN=alice", "san=dns:localhost,ip:127.0.0.1");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("me", keys.getCertificate("me"));
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    }

    private static void generateKey(Path file, String alias, String subject, String names) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        alias,
                        "-keyalg",
                        "EC",
                        "-dname",
                        subject,
                        "-validity",
                        "2",
                        "-ext",
                        names,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    private static SslContextFactory.Client client(boolean withCertificate) throws Exception {
        SslContextFactory.Client client = new SslContextFactory.Client();
        if (withCertificate) {
            client.setSslContext(context);
        } else {
            client.setTrustAll(true);
        }
        return client;
    }

    private static ConnectionInfo connect(ClientAuth auth, boolean withCertificate) throws Exception {
        CompletableFuture<ConnectionInfo> info = new CompletableFuture<>();
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .tls(context)
                        .clientAuth(auth)
                        .handle("/", connection -> {
                            info.complete(connection.info());
                            connection.input().transferTo(connection.output());
                        })
                        .start();
                Peer peer = new Peer(server.uri(), client(withCertificate))) {
            assertThat(server.uri()).hasScheme("https");
            Peer.Exchange exchange = peer.open("POST", "/");
            exchange.send("hush").end();
            assertThat(exchange.body()).isEqualTo("hush");
            assertThat(peer.sawReset()).isFalse();
            return Peer.get(info);
        }
    }

    @Test
    void http2IsNegotiatedByAlpn() throws Exception {
        ConnectionInfo info = connect(ClientAuth.NONE, false);

        assertThat(info.tls()).isNotNull();
        assertThat(info.tls().getProtocol()).startsWith("TLSv1.");
        assertThat(info.uri()).hasScheme("https");
        assertThat(info.principal()).isNull();
    }

    @Test
    void thePrincipalIsTheOneOfTheClientsCertificate() throws Exception {
        assertThat(connect(ClientAuth.NEED, true).principal()).hasToString("CN=alice");
        assertThat(connect(ClientAuth.WANT, true).principal()).hasToString("CN=alice");
    }

    @Test
    void aClientWithoutACertificateIsServedIfNoneIsNeeded() throws Exception {
        assertThat(connect(ClientAuth.WANT, false).principal()).isNull();
    }

    @Test
    void aClientWithoutACertificateIsTurnedAwayIfOneIsNeeded() {
        assertThatThrownBy(() -> connect(ClientAuth.NEED, false)).isInstanceOf(IOException.class);
    }

    /** RFC 6066, section 3. */
    @Test
    void theCertificateIsTheOneOfTheNameThatTheClientAsksFor() throws Exception {
        Path file = folder.resolve("names.p12");
        generateKey(file, "one", "CN=one", "san=dns:one.test");
        generateKey(file, "two", "CN=two", "san=dns:two.test");
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setKeyStorePath(file.toUri().toString());
        factory.setKeyStorePassword(new String(PASSWORD));
        try (DuplexServer server = DuplexServer.builder()
                .host("127.0.0.1")
                .tls(factory)
                .handle("/", connection -> {})
                .start()) {
            assertThat(subject(server.port(), "one.test")).isEqualTo("CN=one");
            assertThat(subject(server.port(), "two.test")).isEqualTo("CN=two");
        }
    }

    private static String subject(int port, String name) throws Exception {
        SSLContext trustsAll = SSLContext.getInstance("TLS");
        trustsAll.init(null, SslContextFactory.TRUST_ALL_CERTS, null);
        try (SSLSocket socket =
                (SSLSocket) trustsAll.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket.getSession().getPeerPrincipal().getName();
        }
    }
}
