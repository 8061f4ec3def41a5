package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a handler does, the server and the other connections of the same TCP connection go on. */
class BadHandlerTest {
    private static DuplexServer.Builder builder(ConnectionOptions options) {
        return DuplexServer.builder()
                .host("127.0.0.1")
                .acceptor(Acceptor.defaults().options(options))
                .handleAsync("/echo", connection -> connection.listen(connection::writeAsync));
    }

    private static void assertAlive(Peer.Exchange other, Peer peer) throws Exception {
        String words = "alive";
        int before = other.received(0).length();
        other.send(words);
        assertThat(other.received(before + words.length())).endsWith(words);
        assertThat(peer.sawGoAway()).isFalse();
    }

    /** The handler may have failed, and reset the stream, before there is anything to send on. */
    private static void sendUnlessReset(Peer.Exchange exchange) {
        CompletableFuture<Void> unused = exchange.sendAsync(new byte[] {'x'});
    }

    private static int endlessly(int depth) {
        return depth < 0 ? 0 : endlessly(depth + 1) + 1; // No stack is so deep that it comes to zero.
    }

    private static void fail(String how) {
        switch (how) {
            case "OutOfMemoryError" -> throw new OutOfMemoryError("thrown by the test");
            case "StackOverflowError" -> throw new IllegalStateException("depth " + endlessly(0));
            default -> throw new NoClassDefFoundError("thrown by the test");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OutOfMemoryError", "StackOverflowError", "LinkageError"})
    void anErrorEndsItsOwnConnectionOnly(String how) throws Exception {
        try (CapturedLog log = new CapturedLog();
                DuplexServer server = builder(ConnectionOptions.defaults())
                        .handle("/blocking", connection -> fail(how))
                        .handleAsync("/async", connection -> {
                            fail(how);
                            return connection.closeAsync();
                        })
                        .handleAsync(
                                "/listener",
                                connection -> connection.listen(bytes -> {
                                    fail(how);
                                    return null;
                                }))
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange other = peer.open("POST", "/echo");
            for (String path : List.of("/blocking", "/async", "/listener")) {
                for (int i = 0; i < 20; i++) {
                    Peer.Exchange exchange = peer.open("POST", path);
                    sendUnlessReset(exchange);
                    assertThat(exchange.resetCode()).isEqualTo(ErrorCode.INTERNAL_ERROR.wire());
                }
                assertAlive(other, peer);
            }
            log.await("its handler failed");
            other.end().body();
            CapturedLog.eventually(
                    "nothing is open",
                    () -> DuplexConnections.of(server.jetty()).count() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorOnTheThreadThatServesTheTransportEndsItsOwnConnectionOnly(boolean listening) throws Exception {
        try (CapturedLog log = new CapturedLog();
                DuplexServer server = builder(ConnectionOptions.defaults().nonBlockingCallbacks(true))
                        .handleAsync("/bad", connection -> {
                            if (listening) {
                                return connection.listen(bytes -> {
                                    fail("StackOverflowError");
                                    return null;
                                });
                            }
                            fail("OutOfMemoryError");
                            return connection.closeAsync();
                        })
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange other = peer.open("POST", "/echo");
            for (int i = 0; i < 20; i++) {
                Peer.Exchange exchange = peer.open("POST", "/bad");
                sendUnlessReset(exchange);
                assertThat(exchange.resetCode()).isEqualTo(ErrorCode.INTERNAL_ERROR.wire());
            }
            assertAlive(other, peer);
            log.await("its handler failed");
        }
    }

    @Test
    void handlersThatBlockForEverHoldUpNobodyElse() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (DuplexServer server = builder(ConnectionOptions.defaults())
                        .handle("/stuck", connection -> never.await())
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange other = peer.open("POST", "/echo");
            List<Peer.Exchange> stuck = new ArrayList<>();
            for (int i = 0; i < 300; i++) { // More than Jetty's pool has threads.
                Peer.Exchange exchange = peer.open("POST", "/stuck");
                exchange.send("x".repeat(1_000));
                stuck.add(exchange);
            }
            for (Peer.Exchange exchange : stuck) {
                assertThat(exchange.response().getStatus()).isEqualTo(200);
            }

            assertAlive(other, peer);
            assertThat(peer.open("POST", "/echo").send("new").end().body()).isEqualTo("new");
            never.countDown();
        }
    }

    @Test
    void anExecutorThatIsFullOrRejectsHoldsUpNobody() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ThreadPoolExecutor two = new ThreadPoolExecutor(0, 2, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
        try (CapturedLog log = new CapturedLog();
                DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .acceptor(Acceptor.defaults()
                                .options(ConnectionOptions.defaults().executor(two)))
                        .handle("/stuck", connection -> never.await())
                        .handle("/echo", connection -> connection.input().transferTo(connection.output()))
                        .handleAsync("/async", connection -> connection.listen(connection::writeAsync))
                        .start();
                Peer peer = new Peer(server.uri())) {
            for (int i = 0; i < 20; i++) {
                assertThat(peer.open("POST", "/stuck").response().getStatus()).isEqualTo(200);
            }

            assertThat(peer.open("POST", "/echo").send("blocking").end().body()).isEqualTo("blocking");
            assertThat(peer.open("POST", "/async").send("listening").end().body())
                    .isEqualTo("listening");

            log.await("rejected a callback; it runs on the library's own threads instead");
            never.countDown();
        } finally {
            two.shutdownNow();
        }
    }
}
