package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {
    private final CompletableFuture<DuplexConnection> accepted = new CompletableFuture<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private DuplexServer server;
    private Peer peer;

    @AfterEach
    void stop() throws Exception {
        done.countDown();
        if (peer != null) {
            peer.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private Peer serve(ConnectionHandler handler) throws Exception {
        return serve(DuplexServer.builder().handle("/", handler));
    }

    private Peer serve(DuplexServer.Builder builder) throws Exception {
        server = builder.host("127.0.0.1").start();
        peer = new Peer(server.uri());
        return peer;
    }

    /** Hands the connection to the test, and does not end it. */
    private void hold(DuplexConnection connection) throws InterruptedException {
        accepted.complete(connection);
        done.await();
    }

    private static void echo(DuplexConnection connection) throws Exception {
        connection.input().transferTo(connection.output());
    }

    private static CloseReason reason(DuplexConnection connection) throws Exception {
        return Peer.get(connection.closed().toCompletableFuture());
    }

    @Test
    void theHeadersGoOutBeforeAnyDataComesIn() throws Exception {
        Peer.Exchange exchange = serve(this::hold).open("POST", "/");

        MetaData.Response response = exchange.response();

        assertThat(response.getStatus()).isEqualTo(200);
        assertThat(exchange.endedByHeaders()).isFalse();
        assertThat(response.getHttpFields().get("cache-control")).isEqualTo("no-store, no-transform");
        assertThat(response.getHttpFields().get("x-accel-buffering")).isEqualTo("no");
        assertThat(response.getHttpFields().contains(HttpHeader.CONTENT_TYPE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"})
    void anyMethodMakesAConnection(String method) throws Exception {
        Peer.Exchange exchange = serve(AcceptTest::echo).open(method, "/");

        exchange.send("both ways").end();

        assertThat(exchange.body()).isEqualTo("both ways");
    }

    @Test
    void anOrderlyExchangeEndsWithoutAnyReset() throws Exception {
        serve(AcceptTest::echo);
        for (int i = 0; i < 20; i++) {
            Peer.Exchange exchange = peer.open("POST", "/");
            exchange.send("ping").received(4);
            exchange.end();
            assertThat(exchange.body()).isEqualTo("ping");
        }

        peer.open("POST", "/").end().body();

        assertThat(peer.sawReset()).isFalse();
        assertThat(peer.frames)
                .filteredOn(DataFrame.class::isInstance)
                .map(DataFrame.class::cast)
                .allMatch(frame -> frame.flowControlLength() > 0 || frame.isEndStream());
    }

    @Test
    void theServerMayEndItsHalfFirst() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Peer.Exchange exchange = serve(connection -> {
                    connection.output().write("bye".getBytes(UTF_8));
                    connection.closeOutput();
                    heard.complete(new String(connection.input().readAllBytes(), UTF_8));
                })
                .open("POST", "/");

        assertThat(exchange.body()).isEqualTo("bye");
        exchange.send("still here").end();

        assertThat(Peer.get(heard)).isEqualTo("still here");
        assertThat(peer.sawReset()).isFalse();
    }

    @Test
    void aHandlerThatFailsResetsTheStream() throws Exception {
        Peer.Exchange exchange = serve(connection -> {
                    connection.output().write("half an ans".getBytes(UTF_8));
                    throw new IllegalStateException("on purpose, for the test");
                })
                .open("POST", "/");

        assertThat(exchange.resetCode()).isEqualTo(ErrorCode.INTERNAL_ERROR.wire());
    }

    @Test
    void anAsyncHandlerIsClosedWhenItsStageCompletes() throws Exception {
        Peer.Exchange exchange = serve(DuplexServer.builder().handleAsync("/", c -> c.listen(c::writeAsync)))
                .open("POST", "/");

        exchange.send("one").received(3);
        exchange.send("two").end();

        assertThat(exchange.body()).isEqualTo("onetwo");
        assertThat(peer.sawReset()).isFalse();
    }

    @Test
    void anAsyncHandlerThatFailsResetsTheStream() throws Exception {
        Peer.Exchange exchange = serve(DuplexServer.builder()
                        .handleAsync("/", c -> CompletableFuture.failedFuture(new IllegalStateException("on purpose"))))
                .open("POST", "/");

        assertThat(exchange.resetCode()).isEqualTo(ErrorCode.INTERNAL_ERROR.wire());
    }

    @Test
    void anAbortResetsWithItsOwnCode() throws Exception {
        Peer.Exchange exchange = serve(connection -> connection.abort(ErrorCode.ENHANCE_YOUR_CALM))
                .open("POST", "/");

        assertThat(exchange.resetCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.wire());
    }

    @Test
    void aClientThatExpects100GetsIt() throws Exception {
        Peer.Exchange exchange = serve(AcceptTest::echo)
                .open("POST", "/", HttpFields.build().add(HttpHeader.EXPECT, "100-continue"), false);

        assertThat(exchange.response().getStatus()).isEqualTo(200);
        assertThat(exchange.interim()).containsExactly(100);
        exchange.send("go on").end();
        assertThat(exchange.body()).isEqualTo("go on");
    }

    @Test
    void aRequestThatIsEndedByItsHeadersIsAConnectionWhoseInputHasEnded() throws Exception {
        Peer.Exchange exchange = serve(connection -> {
                    int first = connection.read(ByteBuffer.allocate(1));
                    connection.output().write(("read " + first).getBytes(UTF_8));
                })
                .open("GET", "/", HttpFields.EMPTY, true);

        assertThat(exchange.body()).isEqualTo("read -1");
        assertThat(peer.sawReset()).isFalse();
    }

    @Test
    void trailersGoBothWays() throws Exception {
        Peer.Exchange exchange = serve(connection -> {
                    connection.input().readAllBytes();
                    HttpHeaders theirs = connection.info().trailers();
                    connection.closeOutput(
                            HttpHeaders.of(Map.of("echo", theirs.allValues("why")), (name, value) -> true));
                })
                .open("POST", "/");

        exchange.send("some").endWithTrailers(Map.of("why", "because"));

        assertThat(exchange.trailers().get("echo")).isEqualTo("because");
        assertThat(exchange.body()).isEmpty();
        assertThat(peer.sawReset()).isFalse();
    }

    @Test
    void thePeersResetIsReportedWithItsCode() throws Exception {
        Peer.Exchange exchange = serve(this::hold).open("POST", "/");
        DuplexConnection connection = Peer.get(accepted);

        exchange.reset(0x2a);

        CloseReason reason = reason(connection);
        assertThat(reason.origin()).isEqualTo(Origin.PEER);
        assertThat(reason.code()).isEqualTo(ErrorCode.of(0x2a));
        assertThat(reason.failure()).isInstanceOf(ConnectionResetException.class);
    }

    @Test
    void whatCameBeforeTheEndSurvivesAReset() throws Exception {
        Peer.Exchange exchange = serve(this::hold).open("POST", "/");
        DuplexConnection connection = Peer.get(accepted);

        exchange.send("last words".getBytes(UTF_8), true);
        exchange.reset(ErrorCode.CANCEL.wire());
        reason(connection);

        assertThat(new String(connection.input().readAllBytes(), UTF_8)).isEqualTo("last words");
    }

    @Test
    void whatCameBeforeTheEndSurvivesTheLossOfTheSession() throws Exception {
        Peer.Exchange exchange = serve(this::hold).open("POST", "/");
        DuplexConnection connection = Peer.get(accepted);

        exchange.send("last words".getBytes(UTF_8), true);
        peer.disconnect();
        reason(connection);

        assertThat(new String(connection.input().readAllBytes(), UTF_8)).isEqualTo("last words");
    }

    @Test
    void aTcpConnectionThatEndsBeforeTheStreamIsALoss() throws Exception {
        Peer.Exchange exchange = serve(this::hold).open("POST", "/");
        DuplexConnection connection = Peer.get(accepted);
        exchange.send("not all");
        InputStream input = connection.input();
        assertThat(input.read()).isEqualTo('n');

        peer.disconnect();

        CloseReason reason = reason(connection);
        assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
        assertThat(reason.failure()).isInstanceOf(ConnectionLostException.class);
        assertThatThrownBy(input::readAllBytes).isInstanceOf(ConnectionLostException.class);
    }

    @Test
    void theFactsOfTheRequestAreKnown() throws Exception {
        Peer.Exchange exchange = serve(DuplexServer.builder()
                        .acceptor(Acceptor.defaults().status(202).header("X-Answer", "42"))
                        .handle("/some/*", this::hold))
                .open("PUT", "/some/where?q=1", HttpFields.build().add("X-Question", "6*7"), false);

        DuplexConnection connection = Peer.get(accepted);

        assertThat(connection.info().method()).isEqualTo("PUT");
        assertThat(connection.info().uri()).isEqualTo(server.uri().resolve("/some/where?q=1"));
        assertThat(connection.info().requestHeaders().firstValue("x-question")).contains("6*7");
        assertThat(connection.info().status()).isEqualTo(202);
        assertThat(connection.info().responseHeaders().allValues("x-answer")).isEqualTo(List.of("42"));
        assertThat(connection.info().localAddress()).hasToString("/127.0.0.1:" + server.port());
        assertThat(connection.info().remoteAddress()).isNotNull();
        assertThat(connection.info().tls()).isNull();
        assertThat(connection.info().principal()).isNull();
        assertThat(exchange.response().getStatus()).isEqualTo(202);
        assertThat(exchange.response().getHttpFields().get("x-answer")).isEqualTo("42");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 66_561})
    void thePeerGetsCreditAsTheApplicationReads(int window) throws Exception {
        byte[] bytes = new byte[Math.min(window * 5, 200_000)];
        CompletableFuture<Integer> total = new CompletableFuture<>();
        Peer.Exchange exchange = serve(DuplexServer.builder()
                        .connector(ConnectorOptions.defaults().receiveWindowBytes(window))
                        .handle("/", c -> total.complete(c.input().readAllBytes().length)))
                .open("POST", "/");

        exchange.send(bytes, true);

        assertThat(Peer.get(total)).isEqualTo(bytes.length);
    }

    @Test
    void aConnectionThatIsNotReadStallsItselfAlone() throws Exception {
        serve(DuplexServer.builder()
                .connector(ConnectorOptions.defaults().receiveWindowBytes(100_000))
                .handle("/silent", connection -> done.await())
                .handle("/echo", AcceptTest::echo));
        for (int i = 0; i < 200; i++) {
            CompletableFuture<Void> written = peer.open("POST", "/silent").sendAsync(new byte[100_001]);
            assertThat(written).isNotDone();
        }

        Peer.Exchange healthy = peer.open("POST", "/echo");
        healthy.send("hello").end();

        assertThat(healthy.body()).isEqualTo("hello");
    }

    @Test
    void manyDataFramesForAStreamThatWasResetDoNotEndTheSession() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        serve(DuplexServer.builder()
                .handle("/abort", connection -> {
                    go.await();
                    connection.abort();
                })
                .handle("/echo", AcceptTest::echo));
        Peer.Exchange doomed = peer.open("POST", "/abort");
        Peer.Exchange innocent = peer.open("POST", "/echo");
        innocent.send("before").received(6);
        go.countDown();
        // Jetty's own limit is 128 frames in a second.
        for (int i = 0; i < 2_000 && !doomed.sendAsync(new byte[1]).isCompletedExceptionally(); i++) {
            Thread.onSpinWait();
        }
        doomed.resetCode();

        innocent.send(" and after").end();

        assertThat(innocent.body()).isEqualTo("before and after");
        assertThat(peer.sawGoAway()).isFalse();
    }

    @Test
    void theConnectionOutlivesJettysIdleTimeouts() throws Exception {
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .handle("/", AcceptTest::echo)
                .start();
        ((ServerConnector) server.jetty().getConnectors()[0]).setIdleTimeout(100);
        peer = new Peer(server.uri());
        Peer.Exchange exchange = peer.open("POST", "/");
        exchange.response();

        SECONDS.sleep(1); // Proves that nothing happens: ten times the idle timeout.

        exchange.send("still there").end();
        assertThat(exchange.body()).isEqualTo("still there");
    }
}
