package io.h2conn.examples.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionFailure;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.examples.Program;
import io.h2conn.examples.cli.Identity;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EchoTest {
    @Test
    void eachLineComesBackInUpperCase() throws Exception {
        try (Program server = Program.inThread("echo-server", "--port", "0");
                Program client = Program.inThread("echo", "--url", server.awaitUrl())) {
            client.type("a").type("b\t\"{}").type("").type("grüße").endInput();

            assertThat(client.awaitExit()).isZero();
            assertThat(client.output()).containsExactly("A", "B\t\"{}", "", "GRÜSSE");
            assertThat(client.errors()).isEmpty();
        }
    }

    @Test
    void anAnswerComesBeforeTheInputEnds() throws Exception {
        try (Program server = Program.inThread("echo-server", "--port", "0");
                Program client = Program.inThread("echo", "--url", server.awaitUrl())) {
            client.type("first");
            client.awaitLine("FIRST");
            client.type("second");
            client.awaitLine("SECOND");
            client.endInput();

            assertThat(client.awaitExit()).isZero();
        }
    }

    @Test
    void noInputIsNoOutput() throws Exception {
        try (Program server = Program.inThread("echo-server", "--port", "0");
                Program client = Program.inThread("echo", "--url", server.awaitUrl())) {
            client.endInput();

            assertThat(client.awaitExit()).isZero();
            assertThat(client.output()).isEmpty();
        }
    }

    @Test
    void manyLinesInAPipeAllComeBackInOrder() throws Exception {
        List<String> lines =
                IntStream.range(0, 20_000).mapToObj(i -> "LINE " + i).toList();
        try (Program server = Program.inProcess("echo-server", "--port", "0");
                Program client = Program.inProcess("echo", "--url", server.awaitUrl())) {
            for (String line : lines) {
                client.type(line);
            }
            client.endInput();

            assertThat(client.awaitExit()).isZero();
            assertThat(client.output()).isEqualTo(lines);
            assertThat(client.errors()).isEmpty();
        }
    }

    @Test
    void bytesComeBackAsTheyAre() throws Exception {
        try (Program server = Program.inThread("echo-server", "--port", "0");
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.awaitUrl() + "raw")) {
            byte[] bytes = new byte[3_000_000];
            new java.util.Random(1).nextBytes(bytes);
            CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return connection.input().readAllBytes();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            connection.output().write(bytes);
            connection.closeOutput();

            assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(bytes);
        }
    }

    @Test
    void tlsNeedsATrustedCertificateOrInsecure() throws Exception {
        try (Program server = Program.inThread("echo-server", "--port", "0", "--tls");
                Program trusting = Program.inThread("echo", "--insecure", "--url", server.awaitUrl());
                Program careful = Program.inThread("echo", "--url", server.awaitUrl())) {
            assertThat(server.awaitUrl()).startsWith("https://");
            trusting.type("hello").endInput();

            assertThat(trusting.awaitExit()).isZero();
            assertThat(trusting.output()).containsExactly("HELLO");
            assertThat(careful.awaitExit()).isEqualTo(1);
            assertThat(careful.errors()).hasSize(1);
            assertThat(careful.errors().get(0)).contains("--insecure");
        }
    }

    @Test
    void aCertificateMayComeFromFiles(@TempDir Path folder) throws Exception {
        Identity identity = Identity.selfSigned("localhost");
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        try (JcaPEMWriter pem = new JcaPEMWriter(Files.newBufferedWriter(certificate))) {
            pem.writeObject(identity.chain().get(0));
        }
        try (JcaPEMWriter pem = new JcaPEMWriter(Files.newBufferedWriter(key))) {
            pem.writeObject(new JcaPKCS8Generator(identity.key(), null));
        }
        try (Program server = Program.inThread(
                        "echo-server", "--port", "0", "--cert", certificate.toString(), "--key", key.toString());
                DuplexClient client =
                        DuplexClient.builder().trustStore(identity.trustStore()).build()) {
            String url = server.awaitUrl().replaceFirst("127\\.0\\.0\\.1", "localhost");
            try (DuplexConnection connection = client.connect(url + "raw")) {
                connection.output().write('x');
                assertThat(connection.input().read()).isEqualTo('x');
            }
        }
    }

    @Test
    void aPortInUseIsOneLine() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program server = Program.inThread("echo-server", "--port", "" + other.getLocalPort())) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(server.output()).isEmpty();
            assertThat(server.errors()).hasSize(1);
            assertThat(server.errors().get(0)).contains("127.0.0.1", "" + other.getLocalPort(), "--port 0");
        }
    }

    @Test
    void aServerThatIsNotRunningIsOneLine() throws Exception {
        int port;
        try (ServerSocket unused = new ServerSocket(0)) {
            port = unused.getLocalPort();
        }
        try (Program client = Program.inThread("echo", "--url", "http://127.0.0.1:" + port + "/")) {
            assertThat(client.awaitExit()).isEqualTo(1);
            assertThat(client.errors()).hasSize(1);
            assertThat(client.errors().get(0)).contains("127.0.0.1:" + port, "is the server running?");
        }
    }

    @Test
    void aHostWithoutAnAddressIsOneLine() throws Exception {
        try (Program client = Program.inThread("echo", "--url", "http://no-such-host.invalid/")) {
            assertThat(client.awaitExit()).isEqualTo(1);
            assertThat(client.errors()).hasSize(1);
            assertThat(client.errors().get(0)).contains("no-such-host.invalid");
        }
    }

    @Test
    void aPathThatIsNotServedIsOneLine() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .handle("/elsewhere", connection -> {})
                        .start();
                Program client = Program.inThread("echo", "--url", server.uri() + "nowhere")) {
            assertThat(client.awaitExit()).isEqualTo(1);
            assertThat(client.errors()).hasSize(1);
            assertThat(client.errors().get(0)).contains("404");
        }
    }

    @Test
    void aServerThatEndsEarlyIsAFailureAlthoughTheInputGoesOn() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .handle("/", connection -> connection.input().read())
                        .start();
                Program client = Program.inProcess("echo", "--url", server.uri().toString())) {
            client.type("hello");

            assertThat(client.awaitExit()).isEqualTo(1);
            assertThat(client.errors()).hasSize(1);
            assertThat(client.errors().get(0)).contains("ended the connection");
        }
    }

    @Test
    void aServerThatDoesNotEndItsHalfDoesNotHangTheClient() throws Exception {
        CompletableFuture<Void> stop = new CompletableFuture<>();
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .handleAsync(
                                "/",
                                connection -> connection
                                        .listen(connection::writeAsync)
                                        .thenCompose(ignored -> stop))
                        .start();
                Program client = Program.inThread("echo", "--url", server.uri().toString())) {
            client.type("hello").endInput();

            assertThat(client.awaitExit()).isZero();
            assertThat(client.output()).containsExactly("hello");
            stop.complete(null);
        }
    }

    @Test
    void aServerThatGetsSigtermClosesItsConnectionsAndEnds() throws Exception {
        try (Program server = Program.inProcess("echo-server", "--port", "0");
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.awaitUrl() + "raw")) {
            connection.output().write('x');
            assertThat(connection.input().read()).isEqualTo('x');

            server.askToEnd();

            assertThatThrownBy(() -> {
                        if (connection.input().read() < 0) {
                            throw new java.io.EOFException("ended");
                        }
                    })
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(java.io.EOFException.class),
                            e -> assertThat(e).isInstanceOf(ConnectionFailure.class));
            assertThat(server.awaitExit()).isEqualTo(143);
            assertThat(server.errors()).isEmpty();
        }
    }
}
