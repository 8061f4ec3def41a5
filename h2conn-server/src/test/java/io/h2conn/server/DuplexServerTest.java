package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.BindException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DuplexServerTest {
    private static DuplexServer.Builder builder() {
        return DuplexServer.builder().host("127.0.0.1");
    }

    private static ConnectionHandler say(String words) {
        return connection -> connection.output().write(words.getBytes(UTF_8));
    }

    private static Handler answer(String words) {
        return new Handler.Abstract.NonBlocking() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.write(true, BufferUtil.toBuffer(words), callback);
                return true;
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "/,             root",
        "/chat,         chat",
        "/chat/room,    below chat",
        "/chat/vip,     vip",
        "/chat/vip/1,   below vip",
        "/chat/vipers,  below chat",
        "/chat?q=1,     chat",
        "/chats,        the rest",
        "/other,        the rest"
    })
    void theClosestPathServes(String path, String expected) throws Exception {
        try (DuplexServer server = builder()
                        .handle("/", say("root"))
                        .handle("/chat", say("chat"))
                        .handle("/chat/*", say("below chat"))
                        .handle("/chat/vip", say("vip"))
                        .handle("/chat/vip/*", say("below vip"))
                        .handler(answer("the rest"))
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange exchange = peer.open("GET", path, HttpFields.EMPTY, true);

            assertThat(exchange.body()).isEqualTo(expected);
        }
    }

    @Test
    void anUnknownPathIsNotFound() throws Exception {
        try (DuplexServer server = builder().handle("/known", say("hi")).start();
                Peer peer = new Peer(server.uri())) {
            assertThat(peer.open("POST", "/unknown").response().getStatus()).isEqualTo(404);
            assertThat(peer.open("POST", "/").response().getStatus()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chat", "/a*", "/a/*/b", "/a?b", "*"})
    void aPathThatCannotBeServedIsNamed(String path) {
        assertThatThrownBy(() -> builder().handle(path, say("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + path + "\"");
    }

    @Test
    void aPathIsServedOnce() {
        assertThatThrownBy(() -> builder().handle("/a", say("")).handleAsync("/a", c -> c.closeAsync()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/a");
    }

    @Test
    void http1OnTheSamePortGets505OrTheOtherHandler() throws Exception {
        try (DuplexServer server =
                builder().handle("/chat", say("hi")).handler(answer("plain")).start()) {
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest.Builder request = HttpRequest.newBuilder().version(HttpClient.Version.HTTP_1_1);

            HttpResponse<String> chat = client.send(
                    request.uri(server.uri().resolve("/chat")).build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> other = client.send(
                    request.uri(server.uri().resolve("/other")).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(chat.statusCode()).isEqualTo(505);
            assertThat(other.body()).isEqualTo("plain");
        }
    }

    @Test
    void aRequestThatIsNotAdmittedGetsTheRefusal() throws Exception {
        try (DuplexServer server = builder()
                        .handle("/", say("welcome"))
                        .admission(request -> request.getHeaders().contains("authorization")
                                ? null
                                : Refusal.status(401)
                                        .header("WWW-Authenticate", "Bearer")
                                        .body("log in first"))
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange refused = peer.open("POST", "/");
            assertThat(refused.response().getStatus()).isEqualTo(401);
            assertThat(refused.response().getHttpFields().get("www-authenticate"))
                    .isEqualTo("Bearer");
            assertThat(refused.body()).isEqualTo("log in first");

            Peer.Exchange admitted = peer.open("POST", "/", HttpFields.build().add("authorization", "Bearer x"), false);
            assertThat(admitted.response().getStatus()).isEqualTo(200);
            assertThat(admitted.end().body()).isEqualTo("welcome");
        }
    }

    @Test
    void statusesOutsideTheirRangeAreNamed() {
        assertThatThrownBy(() -> Refusal.status(200))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("200");
        assertThatThrownBy(() -> Refusal.status(600))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("600");
        assertThatThrownBy(() -> Acceptor.defaults().status(302))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("302");
        assertThatThrownBy(() -> Acceptor.defaults().header("Content-Length", "5"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Content-Length");
        assertThatThrownBy(() -> Acceptor.defaults().header("a", "b\r\nc: d"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line break");
    }

    @Test
    void aPortThatIsTakenIsABindException() throws Exception {
        try (DuplexServer first = builder().start()) {
            assertThatThrownBy(() -> builder().port(first.port()).start())
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(String.valueOf(first.port()));
        }
        assertNoThreads();
    }

    @Test
    void closingWaitsForAPeerThatHasNotEndedYet() throws Exception {
        CountDownLatch handled = new CountDownLatch(1);
        DuplexServer server = builder()
                .handle("/", connection -> {
                    connection.output().write("bye".getBytes(UTF_8));
                    connection.close();
                    handled.countDown();
                })
                .start();
        try (Peer peer = new Peer(server.uri())) {
            Peer.Exchange exchange = peer.open("POST", "/");
            assertThat(exchange.body()).isEqualTo("bye");
            handled.await();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
            Thread.sleep(200); // Proves that it does not close: the peer has not ended its half.
            assertThat(closing).isNotDone();

            exchange.end();

            Peer.get(closing);
            assertThat(peer.sawReset()).isFalse();
        }
    }

    @Test
    void closingResetsConnectionsThatNobodyHasClosed() throws Exception {
        CompletableFuture<DuplexConnection> accepted = new CompletableFuture<>();
        CompletableFuture<IOException> thrown = new CompletableFuture<>();
        DuplexServer server = builder()
                .handle("/", connection -> {
                    accepted.complete(connection);
                    try {
                        connection.input().readAllBytes();
                    } catch (IOException e) {
                        thrown.complete(e);
                        throw e;
                    }
                })
                .start();
        try (Peer peer = new Peer(server.uri())) {
            Peer.Exchange exchange = peer.open("POST", "/");
            Peer.get(accepted);

            server.close();
            server.close();

            assertThat(exchange.resetCode()).isEqualTo(ErrorCode.CANCEL.wire());
            assertThat(Peer.get(thrown)).hasMessageContaining("CANCEL");
            assertThat(peer.sawGoAway()).isTrue();
        }
        assertNoThreads();
    }

    @Test
    void closingDoesNotWaitLongerThanItsLimit() throws Exception {
        DuplexServer server = builder()
                .closeTimeout(Duration.ofMillis(100))
                .handle("/", DuplexConnection::close)
                .start();
        try (Peer peer = new Peer(server.uri())) {
            peer.open("POST", "/").body();
            long start = System.nanoTime();

            server.close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        }
        assertNoThreads();
    }

    @Test
    void theUriSaysWhereClientsConnect() throws Exception {
        try (DuplexServer server = DuplexServer.builder().start()) {
            assertThat(server.uri()).hasToString("http://localhost:" + server.port() + "/");
        }
        try (DuplexServer server = DuplexServer.builder().host("::1").start()) {
            assertThat(server.uri()).hasToString("http://[::1]:" + server.port() + "/");
        }
    }

    @Test
    void aRequestThatHasBecomeAConnectionCanBeGarbageWhileThatLives() throws Exception {
        CompletableFuture<WeakReference<Request>> seen = new CompletableFuture<>();
        try (DuplexServer server = builder()
                        .admission(request -> {
                            seen.complete(new WeakReference<>(request));
                            return null;
                        })
                        .handleAsync("/", connection -> connection.listen(connection::writeAsync))
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange exchange = peer.open("POST", "/");
            exchange.response();

            while (Peer.get(seen).get() != null) {
                System.gc();
            }

            assertThat(exchange.send("still here").end().body()).isEqualTo("still here");
        }
    }

    @Test
    void clientCertificatesNeedTls() {
        assertThatThrownBy(() -> builder().clientAuth(ClientAuth.NEED).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tls(...)");
    }

    private static void assertNoThreads() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("h2conn-server"));
    }
}
