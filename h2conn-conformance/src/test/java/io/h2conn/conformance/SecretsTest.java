package io.h2conn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.h2conn.ConnectionRefusedException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.Acceptor;
import io.h2conn.server.DuplexServer;
import io.h2conn.server.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users tell the library in confidence is in no exception, no text form and no line of the log, at any level. The secret
 * is the word "hush", wherever it is.
 */
class SecretsTest {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final PrintStream err = System.err;

    @BeforeEach
    void listenToTheLog() {
        System.setErr(new PrintStream(log, true, UTF_8));
    }

    @AfterEach
    void theLogKeepsSecrets() {
        System.setErr(err);
        assertThat(log.toString(UTF_8)).doesNotContain("hush");
    }

    private static ConnectRequest request(URI server, String path) {
        return ConnectRequest.to(server.resolve(path + "?token=hush&user=hush"))
                .header("authorization", "Bearer hush")
                .header("cookie", "session=hush")
                .header("x-api-key", "hush")
                .timeout(Duration.ofSeconds(5));
    }

    private static void assertSilent(Throwable thrown) {
        assertThat(thrown).isNotNull();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            assertThat(t.toString()).doesNotContain("hush");
            for (Throwable suppressed : t.getSuppressed()) {
                assertThat(suppressed.toString()).doesNotContain("hush");
            }
        }
    }

    private static DuplexServer.Builder builder() {
        return DuplexServer.builder()
                .host("127.0.0.1")
                .acceptor(Acceptor.defaults().header("set-cookie", "hush"));
    }

    @Test
    void aConnectionThatServesAndFails() throws Exception {
        CompletableFuture<DuplexConnection> accepted = new CompletableFuture<>();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        try (DuplexServer server = builder()
                        .handle("/*", connection -> {
                            accepted.complete(connection);
                            connection.output().write(connection.input().readNBytes(4));
                            thrown.complete(
                                    catchThrowable(() -> connection.input().read()));
                            throw new IOException("the handler's own");
                        })
                        .start();
                DuplexClient client = DuplexClient.create()) {
            ConnectRequest request = request(server.uri(), "/path");
            DuplexConnection connection = client.connect(request);
            connection.output().write("hush".getBytes(UTF_8));
            assertThat(connection.input().readNBytes(4)).asString(UTF_8).isEqualTo("hush");
            DuplexConnection atServer = accepted.get(10, TimeUnit.SECONDS);
            assertThat(atServer.info().uri()).hasToString(server.uri() + "path?token=hush&user=hush");

            connection.abort(ErrorCode.CANCEL);

            assertSilent(thrown.get(10, TimeUnit.SECONDS));
            assertSilent(catchThrowable(() -> connection.input().read()));
            for (Object shown : List.of(
                    request,
                    connection,
                    connection.info(),
                    atServer,
                    atServer.info(),
                    client,
                    server,
                    connection.closed().toCompletableFuture().get(10, TimeUnit.SECONDS),
                    atServer.closed().toCompletableFuture().get(10, TimeUnit.SECONDS),
                    Acceptor.defaults().header("x", "hush"),
                    Refusal.status(403).header("x", "hush").body("hush"))) {
                assertThat(shown.toString()).doesNotContain("hush");
            }
            assertThat(atServer.toString() + connection).contains("server-").contains("client-");
        }
        assertThat(log.toString(UTF_8)).as("the log is listened to").contains("its handler failed");
    }

    @Test
    void aRefusal() throws Exception {
        try (DuplexServer server = builder()
                        .handle("/*", DuplexConnection::close)
                        .admission(request ->
                                Refusal.status(401).header("x-secret", "hush").body("hush, you"))
                        .start();
                DuplexClient client = DuplexClient.create()) {
            ConnectRequest request = request(server.uri(), "/path");

            Throwable thrown = catchThrowable(() -> client.connect(request));

            assertThat(thrown).isInstanceOfSatisfying(ConnectionRefusedException.class, refused -> {
                assertThat(refused.body()).asString(UTF_8).isEqualTo("hush, you"); // For those who ask.
                assertThat(refused.headers().firstValue("x-secret")).contains("hush");
            });
            assertSilent(thrown);
        }
    }

    @Test
    void anAdmissionThatFailsOrIsLate() throws Exception {
        try (DuplexServer failing = builder()
                        .handle("/*", DuplexConnection::close)
                        .admission(request -> {
                            throw new IllegalStateException("a mistake");
                        })
                        .start();
                DuplexServer late = builder()
                        .handle("/*", DuplexConnection::close)
                        .admissionAsync(request -> new CompletableFuture<>(), Duration.ofMillis(50))
                        .start();
                DuplexClient client = DuplexClient.create()) {
            assertSilent(catchThrowable(() -> client.connect(request(failing.uri(), "/path"))));
            assertSilent(catchThrowable(() -> client.connect(request(late.uri(), "/path"))));
        }
        assertThat(log.toString(UTF_8)).contains("its admission failed").contains("took longer than");
    }

    @Test
    void aPageOfAnotherSite() throws Exception {
        try (DuplexServer server =
                        builder().handle("/*", DuplexConnection::close).start();
                DuplexClient client = DuplexClient.create()) {
            assertSilent(catchThrowable(
                    () -> client.connect(request(server.uri(), "/path").header("origin", "https://hush.example"))));
            assertSilent(catchThrowable(
                    () -> client.connect(request(server.uri(), "/path").header("origin", "hush"))));
        }
    }

    @Test
    void aServerThatIsNotThereOrDoesNotAnswer() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                DuplexClient client = DuplexClient.create()) {
            URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort());
            URI tls = URI.create("https://127.0.0.1:" + silent.getLocalPort());
            assertSilent(catchThrowable(() -> client.connect(request(uri, "/").timeout(Duration.ofMillis(100)))));
            assertSilent(catchThrowable(() -> client.connect(request(tls, "/").timeout(Duration.ofMillis(100)))));
            silent.close();
            assertSilent(catchThrowable(() -> client.connect(request(uri, "/"))));
            assertSilent(catchThrowable(() -> client.connect(request(URI.create("http://host.invalid"), "/"))));
            DuplexConnection opened = client.open(request(uri, "/"));
            assertSilent(catchThrowable(() -> opened.input().read()));
            assertThat(opened.toString()).doesNotContain("hush");
        }
    }

    @Test
    void aSessionThatIsLostAndATlsHandshakeThatFails() throws Exception {
        DuplexServer server = builder()
                .closeTimeout(Duration.ZERO)
                .handle("/*", connection -> connection.input().readAllBytes())
                .start();
        try (DuplexServer tls = builder().tls(TestTls.CONTEXT).start();
                DuplexClient client = DuplexClient.create()) {
            DuplexConnection connection = client.connect(request(server.uri(), "/path"));
            server.close();
            assertSilent(catchThrowable(() -> connection.input().read()));
            assertSilent(catchThrowable(() -> client.connect(request(tls.uri(), "/path"))));
        } finally {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hush\n", " hush", "hush\u0000", "hush\u20ac"})
    void aHeaderThatIsNotLegal(String value) {
        assertSilent(catchThrowable(() -> ConnectRequest.to("http://host/").header("authorization", value)));
        if (value.endsWith("\n") || value.endsWith("\u0000")) {
            assertSilent(catchThrowable(() -> Refusal.status(401).header("x", value)));
            assertSilent(catchThrowable(() -> Acceptor.defaults().header("x", value)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://me:hush@host/", "https://host:0/?hush", "me:hush@host", "https://host/?hush hush"})
    void aUriThatCannotBeUsed(String uri) {
        assertSilent(catchThrowable(() -> ConnectRequest.to(uri)));
        try (DuplexClient client = DuplexClient.create()) {
            assertSilent(catchThrowable(() -> client.connect(uri)));
        }
    }

    @Test
    void aKeyThatCannotBeReadWithThePassword() throws Exception {
        KeyStore keys = TestTls.newKey("server");
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setKeyStore(keys);
        factory.setKeyStorePassword("hush");
        factory.setKeyManagerPassword("hush");
        DuplexServer.Builder server = builder().tls(factory);
        DuplexClient.Builder client = DuplexClient.builder().keyStore(keys, "hush".toCharArray());

        assertSilent(catchThrowable(server::start));
        assertSilent(catchThrowable(client::build));
        assertThat(factory.toString()).doesNotContain("hush");
        assertThatThrownBy(server::start).isInstanceOf(IOException.class);
    }
}
