package io.h2conn.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.DuplexConnection;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.server.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ConnectTest {
    private static void echoes(DuplexConnection connection, String text) throws Exception {
        connection.output().write(text.getBytes(UTF_8));
        assertThat(connection.input().readNBytes(text.length())).asString(UTF_8).isEqualTo(text);
    }

    @Test
    void bytesGoBothWays() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.uri("/echo"))) {
            echoes(connection, "hello");
            echoes(connection, "again");
            connection.closeOutput();

            assertThat(connection.input().readAllBytes()).isEmpty();
            assertThat(connection.info().status()).isEqualTo(200);
            assertThat(connection.info().responseHeaders().firstValue("x-test")).contains("yes");
            assertThat(connection.info().remoteAddress().toString()).endsWith(":" + server.port());
        }
    }

    @Test
    void theRequestSaysWhatTheUserSaid() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(ConnectRequest.to(server.uri("/echo/a%20b?x=1&y=%2F"))
                        .header("X-User", "one")
                        .header("x-user", "two"))) {
            Request request = server.requests.take();

            assertThat(request.getMethod()).isEqualTo("POST");
            assertThat(request.getHttpURI().asString()).isEqualTo(server.uri("/echo/a%20b?x=1&y=%2F"));
            assertThat(request.getHeaders().getValuesList("X-User")).containsExactly("one", "two");
            assertThat(request.getHeaders().stream().map(HttpField::getLowerCaseName))
                    .containsOnly("x-user");
            assertThat(connection.info().uri().getQuery()).isEqualTo("x=1&y=/");
        }
    }

    @Test
    void anEmptyPathIsTheRootAndAnyMethodCanBeUsed() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection =
                        client.connect(ConnectRequest.to(server.uri("?q")).method("GET"))) {
            Request request = server.requests.take();

            assertThat(request.getMethod()).isEqualTo("GET");
            assertThat(request.getHttpURI().getPathQuery()).isEqualTo("/?q");
            echoes(connection, "hello");
        }
    }

    @Test
    void anAddressOfVersion6NeedsNoNameService() throws Exception {
        try (JettyPeer server = JettyPeer.clear("::1", 128);
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.uri("[::1]", "/echo"))) {
            echoes(connection, "hello");

            assertThat(server.requests.take().getHttpURI().getAuthority()).isEqualTo("[::1]:" + server.port());
        }
    }

    @Test
    void aHostIsTriedAtAllItsAddresses() throws Exception {
        InetAddress nobodyHere = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        InetAddress server6 = InetAddress.getAllByName("::1")[0];
        try (JettyPeer server = JettyPeer.clear("::1", 128);
                DuplexClient client = DuplexClient.builder()
                        .resolver(host -> new InetAddress[] {nobodyHere, server6})
                        .build();
                DuplexConnection connection = client.connect(server.uri("a-name", "/echo"))) {
            echoes(connection, "hello");
        }
    }

    @Test
    void tlsIsSpokenToHttps() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("localhost", "127.0.0.1"), null);
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .build();
                DuplexConnection byName = client.connect(server.uri("localhost", "/echo"));
                DuplexConnection byAddress = client.connect(server.uri("127.0.0.1", "/echo"))) {
            echoes(byName, "hello");
            echoes(byAddress, "hello");

            assertThat(byName.info().tls().getProtocol()).startsWith("TLSv1.");
            assertThat(byName.info().principal().getName()).isEqualTo("CN=localhost");
            assertThat(byName.info().uri().getScheme()).isEqualTo("https");
        }
    }

    @Test
    void aClientWithACertificateIsLetIn() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("localhost"), authority.trustStore());
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .keyStore(authority.keyStore("me"), TestCertificates.PASSWORD)
                        .build();
                DuplexConnection connection = client.connect(server.uri("localhost", "/echo"))) {
            echoes(connection, "hello");
        }
    }

    @Test
    void trustAllTrustsAnybody() throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server = JettyPeer.tls(authority.keyStore("elsewhere"), null);
                DuplexClient client = DuplexClient.builder().trustAll().build();
                DuplexConnection connection = client.connect(server.uri("/echo"))) {
            echoes(connection, "hello");
        }
    }

    @Test
    void interimAnswersAreSkipped() throws Exception {
        byte[] status103 = {0x08, 0x03, '1', '0', '3'};
        byte[] status100 = {0x08, 0x03, '1', '0', '0'};
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, status100);
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, status103);
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
                    wire.send(RawPeer.DATA, RawPeer.END_STREAM, stream, "late".getBytes(UTF_8));
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.uri("/"))) {
            assertThat(connection.info().status()).isEqualTo(200);
            assertThat(connection.input().readAllBytes()).asString(UTF_8).isEqualTo("late");
        }
    }

    @Test
    void anAnswerThatEndsTheStreamIsAConnectionWhoseInputHasEnded() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.uri("/ended"))) {
            assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(connection.write(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void aRefusalIsThrownWithStatusHeadersAndBody() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            assertThatThrownBy(() -> client.connect(server.uri("/status/404?secret")))
                    .isInstanceOfSatisfying(ConnectionRefusedException.class, e -> {
                        assertThat(e.status()).isEqualTo(404);
                        assertThat(e.headers().firstValue("content-length")).contains("2");
                        assertThat(e.body()).asString(UTF_8).isEqualTo("no");
                        assertThat(e)
                                .hasMessageContaining(server.uri("/status/404"))
                                .hasMessageNotContaining("secret");
                    });
            NoLeaks.eventually("the stream is gone", () -> server.openStreams() == 0);
        }
    }

    @Test
    void onlyTheBeginningOfARefusalIsKept() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_404);
                    for (int i = 0; i < 3; i++) {
                        wire.send(RawPeer.DATA, 0, stream, new byte[5000]);
                    }
                    assertThat(wire.await(RawPeer.RST_STREAM).code()).isEqualTo(8);
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.create()) {
            assertThatThrownBy(() -> client.connect(server.uri("/")))
                    .isInstanceOfSatisfying(
                            ConnectionRefusedException.class,
                            e -> assertThat(e.body()).hasSize(ConnectionRefusedException.MAX_BODY_BYTES));
        }
    }

    @Test
    void aRefusalWhoseBodyDoesNotEndIsThrownInTime() throws Exception {
        CompletableFuture<Integer> reset = new CompletableFuture<>();
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_404);
                    wire.send(RawPeer.DATA, 0, stream, "so far".getBytes(UTF_8));
                    reset.complete(wire.await(RawPeer.RST_STREAM).code());
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.create()) {
            ConnectRequest request = ConnectRequest.to(server.uri("/")).timeout(Duration.ofMillis(500));

            assertThatThrownBy(() -> client.connect(request))
                    .isInstanceOfSatisfying(
                            ConnectionRefusedException.class,
                            e -> assertThat(e.body()).asString(UTF_8).isEqualTo("so far"));
            assertThat(reset.get(5, TimeUnit.SECONDS)).isEqualTo(8);
        }
    }

    @Test
    void openWritesBeforeTheAnswerAndEvenBeforeThereIsASession() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.open(ConnectRequest.to(server.uri("/echo")))) {
            echoes(connection, "hello");
            assertThat(connection.info().status()).isEqualTo(200);

            try (DuplexConnection second = client.open(ConnectRequest.to(server.uri("/echo")))) {
                echoes(second, "there is a session now");
            }
        }
    }

    @Test
    void aBurstOfWritesCanEndBeforeThereIsASession() throws Exception {
        try (BlackHole full = new BlackHole(0);
                DuplexClient client = DuplexClient.create()) {
            for (int i = 0; i < 20; i++) {
                DuplexConnection connection = client.open(ConnectRequest.to("http://127.0.0.1:" + full.port() + "/x"));
                for (int n = 0; n < 10_000; n++) {
                    connection.write(ByteBuffer.allocate(1));
                }
                connection.closeOutput();
                connection.abort();
            }
        }
    }

    @Test
    void openReportsARefusalAtTheFirstRead() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            for (int i = 0; i < 50; i++) {
                DuplexConnection connection = client.open(ConnectRequest.to(server.uri("/status/403")));

                assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(10)))
                        .isInstanceOfSatisfying(ConnectionRefusedException.class, e -> {
                            assertThat(e.status()).isEqualTo(403);
                            assertThat(e.body()).asString(UTF_8).isEqualTo("no");
                        });
                assertThat(connection
                                .closed()
                                .toCompletableFuture()
                                .get(5, TimeUnit.SECONDS)
                                .failure())
                        .isInstanceOf(ConnectionRefusedException.class);
            }
            NoLeaks.eventually("the streams are gone", () -> server.openStreams() == 0);
            assertThat(server.tcpConnections).hasValue(1);
        }
    }

    @Test
    void headersThatAreTooLargeAreRefusedBeforeTheyAreSent() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection bystander = client.connect(server.uri("/echo"))) {
            ConnectRequest request = ConnectRequest.to(server.uri("/echo")).header("x", "y".repeat(100_000));

            assertThatThrownBy(() -> client.connect(request))
                    .isInstanceOfSatisfying(
                            ConnectionRefusedException.class,
                            e -> assertThat(e.status()).isEqualTo(431));
            assertThatThrownBy(() -> client.open(request).read(ByteBuffer.allocate(1)))
                    .isInstanceOf(ConnectionRefusedException.class);
            echoes(bystander, "unharmed");
        }
    }

    @Test
    void callbacksRunOnTheUsersExecutor() throws Exception {
        CountDownLatch attached = new CountDownLatch(1);
        Executor mine = task -> new Thread(
                        () -> {
                            try {
                                attached.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            task.run();
                        },
                        "mine")
                .start();
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.builder().executor(mine).build()) {
            CompletableFuture<String> connecting = client.connectAsync(ConnectRequest.to(server.uri("/echo")))
                    .thenApply(connection -> Thread.currentThread().getName());
            CompletableFuture<String> failing = client.connectAsync(ConnectRequest.to(server.uri("/status/500")))
                    .handle((connection, failure) -> Thread.currentThread().getName());
            attached.countDown();

            assertThat(connecting.get(5, TimeUnit.SECONDS)).isEqualTo("mine");
            assertThat(failing.get(5, TimeUnit.SECONDS)).isEqualTo("mine");
        }
    }

    @Test
    void callbacksThatDoNotBlockRunOnTheTransportsThread() throws Exception {
        ConnectionOptions inline = ConnectionOptions.defaults().nonBlockingCallbacks(true);
        CountDownLatch attached = new CountDownLatch(1);
        try (RawPeer slow = new RawPeer(wire -> {
                    attached.await();
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.builder().options(inline).build()) {
            CompletableFuture<String> thread = client.connectAsync(ConnectRequest.to(slow.uri("/")))
                    .thenApply(connection -> Thread.currentThread().getName());
            attached.countDown();

            assertThat(thread.get(5, TimeUnit.SECONDS)).startsWith("h2conn-client");
        }
    }

    @Test
    void smallReceiveWindowsWork() throws Exception {
        for (int window : new int[] {3, 66_561}) {
            try (JettyPeer server = JettyPeer.clear();
                    DuplexClient client =
                            DuplexClient.builder().receiveWindow(window).build();
                    DuplexConnection connection = client.connect(server.uri("/echo"))) {
                byte[] sent = new byte[window * 20];
                new java.util.Random(1).nextBytes(sent);
                Thread writer = new Thread(() -> {
                    try {
                        connection.output().write(sent);
                        connection.closeOutput();
                    } catch (java.io.IOException e) {
                        connection.abort();
                    }
                });
                writer.start();

                assertThat(connection.input().readAllBytes()).isEqualTo(sent);
                writer.join();
            }
        }
    }
}
