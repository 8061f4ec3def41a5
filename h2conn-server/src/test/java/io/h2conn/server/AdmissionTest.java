package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    /** What the server waits for, one for each request. */
    private final BlockingQueue<CompletableFuture<@Nullable Refusal>> asked = new LinkedBlockingQueue<>();

    private final AtomicInteger served = new AtomicInteger();
    private DuplexServer server;
    private Peer peer;

    @AfterEach
    void stop() throws Exception {
        if (peer != null) {
            peer.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private Peer serve(AsyncAdmission admission, Duration limit) throws Exception {
        return serve(DuplexServer.builder().admissionAsync(admission, limit));
    }

    private Peer serve(DuplexServer.Builder builder) throws Exception {
        server = builder.host("127.0.0.1")
                .handle("/", connection -> {
                    served.incrementAndGet();
                    connection.input().transferTo(connection.output());
                })
                .start();
        peer = new Peer(server.uri());
        return peer;
    }

    private CompletionStage<@Nullable Refusal> later(Request request) {
        CompletableFuture<@Nullable Refusal> decision = new CompletableFuture<>();
        asked.add(decision);
        return decision;
    }

    private CompletableFuture<@Nullable Refusal> decision() throws InterruptedException {
        CompletableFuture<@Nullable Refusal> decision = asked.poll(10, TimeUnit.SECONDS);
        assertThat(decision).as("the admission is asked").isNotNull();
        return decision;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheClientSentMeanwhileIsKeptForTheConnection(boolean nonBlocking) throws Exception {
        Acceptor acceptor =
                Acceptor.defaults().options(ConnectionOptions.defaults().nonBlockingCallbacks(nonBlocking));
        serve(DuplexServer.builder().acceptor(acceptor).admissionAsync(this::later, LONG));
        Peer.Exchange exchange = peer.open("POST", "/");
        CompletableFuture<@Nullable Refusal> decision = decision();
        exchange.send("early ").send("birds").end();
        peer.ping();

        decision.complete(null);

        assertThat(exchange.response().getStatus()).isEqualTo(200);
        assertThat(exchange.body()).isEqualTo("early birds");
        assertThat(peer.sawReset()).isFalse();
    }

    @Test
    void aRefusalThatComesLaterIsTheAnswer() throws Exception {
        Peer.Exchange exchange = serve(this::later, LONG).open("POST", "/");

        decision().complete(Refusal.status(403).header("x-why", "age").body("not you"));

        assertThat(exchange.response().getStatus()).isEqualTo(403);
        assertThat(exchange.response().getHttpFields().get("x-why")).isEqualTo("age");
        assertThat(exchange.body()).isEqualTo("not you");
        assertThat(served).hasValue(0);
    }

    @Test
    void aStageThatIsCompleteAtOnceDecidesAtOnce() throws Exception {
        Peer.Exchange exchange =
                serve(request -> CompletableFuture.completedStage(null), LONG).open("POST", "/");

        assertThat(exchange.send("hi").end().body()).isEqualTo("hi");
    }

    @Test
    void aThousandUndecidedRequestsHoldNoThread() throws Exception {
        serve(this::later, LONG);
        List<Peer.Exchange> exchanges = new ArrayList<>();
        List<CompletableFuture<@Nullable Refusal>> decisions = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            exchanges.add(peer.open("POST", "/"));
            decisions.add(decision());
        }

        assertThat(server.jetty().getThreadPool().getThreads()).isLessThan(100);
        decisions.forEach(decision -> decision.complete(null));
        for (Peer.Exchange exchange : exchanges) {
            assertThat(exchange.end().response().getStatus()).isEqualTo(200);
        }
    }

    @Test
    void aDecisionThatTakesTooLongIsA503AndALineInTheLog() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            Peer.Exchange exchange = serve(this::later, Duration.ofMillis(50)).open("POST", "/?token=hush");

            assertThat(exchange.response().getStatus()).isEqualTo(503);
            assertThat(exchange.response().getHttpFields().get("retry-after")).isEqualTo("1");
            assertThat(exchange.body()).contains("did not decide in time");
            decision().complete(null); // Too late to matter.
            assertThat(peer.open("POST", "/").response().getStatus()).isEqualTo(503);
            assertThat(served).hasValue(0);
            assertThat(log.lines("POST / was refused: its admission took longer than PT0.05S"))
                    .isNotEmpty();
            assertThat(log.text()).doesNotContain("hush");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fails", "throws", "throws an error", "returns null"})
    void aCheckThatFailsIsA500WithoutTheReason(String how) throws Exception {
        RuntimeException failure = new IllegalStateException("db password is hush");
        AsyncAdmission admission = request -> switch (how) {
            case "fails" -> CompletableFuture.failedStage(failure);
            case "throws" -> throw failure;
            case "throws an error" -> throw new StackOverflowError("hush");
            default -> null;
        };
        try (CapturedLog log = new CapturedLog()) {
            Peer.Exchange exchange = serve(admission, LONG).open("POST", "/");

            assertThat(exchange.response().getStatus()).isEqualTo(500);
            assertThat(exchange.body()).contains("failed to decide").doesNotContain("hush");
            log.await("its admission failed");
            assertThat(served).hasValue(0);
        }
    }

    @Test
    void aBlockingCheckThatFailsIsA500WithoutTheReason() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            Peer.Exchange exchange = serve(DuplexServer.builder().admission(request -> {
                        throw new IllegalStateException("db password is hush");
                    }))
                    .open("POST", "/");

            assertThat(exchange.response().getStatus()).isEqualTo(500);
            assertThat(exchange.body()).contains("failed to decide").doesNotContain("hush");
            log.await("its admission failed");
        }
    }

    @Test
    void aClientThatGivesUpMeanwhileIsForgotten() throws Exception {
        AtomicInteger completed = new AtomicInteger();
        AsyncAdmission admission = request -> {
            Request.addCompletionListener(request, failure -> completed.incrementAndGet());
            return later(request);
        };
        serve(admission, LONG);
        Peer.Exchange exchange = peer.open("POST", "/");
        CompletableFuture<@Nullable Refusal> decision = decision();

        exchange.reset(8);

        CapturedLog.eventually("the request is complete", () -> completed.get() == 1);
        decision.complete(null); // Changes nothing.
        assertThat(peer.open("POST", "/").stream).isNotNull();
        decision().complete(null);
        CapturedLog.eventually("only the second is served", () -> served.get() == 1);
    }

    @Test
    void aTcpConnectionThatBreaksMeanwhileIsForgotten() throws Exception {
        AtomicInteger completed = new AtomicInteger();
        serve(
                request -> {
                    Request.addCompletionListener(request, failure -> completed.incrementAndGet());
                    return later(request);
                },
                LONG);
        peer.open("POST", "/");
        CompletableFuture<@Nullable Refusal> decision = decision();

        peer.disconnect();

        CapturedLog.eventually("the request is complete", () -> completed.get() == 1);
        decision.complete(null);
        CapturedLog.eventually(
                "nothing is open", () -> DuplexConnections.of(server.jetty()).count() == 0);
        assertThat(served).hasValue(0);
    }

    @Test
    void aStageThatCompletesTwiceIsHeardOnce() throws Exception {
        AsyncAdmission admission = request -> new TwiceCompleted();
        serve(admission, LONG);

        Peer.Exchange exchange = peer.open("POST", "/");

        assertThat(exchange.send("once").end().body()).isEqualTo("once");
        assertThat(served).hasValue(1);
    }

    @Test
    void aDecisionAndAResetAtTheSameTimeLeaveNothingBehind() throws Exception {
        serve(this::later, LONG);
        for (int i = 0; i < 300; i++) {
            Peer.Exchange exchange = peer.open("POST", "/");
            CompletableFuture<@Nullable Refusal> decision = decision();
            boolean refuse = i % 2 == 0;
            CompletableFuture<Void> deciding = CompletableFuture.runAsync(
                    () -> decision.complete(refuse ? Refusal.status(403).body("no") : null));
            exchange.reset(8);
            Peer.get(deciding);
        }

        CapturedLog.eventually(
                "nothing is open", () -> DuplexConnections.of(server.jetty()).count() == 0);
        Peer.Exchange last = peer.open("POST", "/");
        decision().complete(null);
        assertThat(last.send("still here").end().body()).isEqualTo("still here");
    }

    @Test
    void theHeadersAndThePathAreThereToDecideBy() throws Exception {
        serve(
                request -> CompletableFuture.completedStage(
                        "let me".equals(request.getHeaders().get("x-please"))
                                        && request.getHttpURI().getPath().equals("/")
                                ? null
                                : Refusal.status(401)),
                LONG);

        assertThat(peer.open("POST", "/").response().getStatus()).isEqualTo(401);
        assertThat(peer.open("POST", "/", HttpFields.build().add("x-please", "let me"), true)
                        .response()
                        .getStatus())
                .isEqualTo(200);
    }

    @Test
    void aLimitMustBePositive() {
        assertThatThrownBy(() -> DuplexHandler.async(connection -> connection.closeAsync())
                        .admissionAsync(this::later, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
    }

    /** Calls its dependents twice, which the JDK's stages do not. */
    private static final class TwiceCompleted extends CompletableFuture<@Nullable Refusal> {
        @Override
        public CompletableFuture<@Nullable Refusal> whenComplete(
                java.util.function.BiConsumer<? super @Nullable Refusal, ? super Throwable> action) {
            action.accept(null, null);
            action.accept(Refusal.status(403), null);
            return this;
        }
    }
}
