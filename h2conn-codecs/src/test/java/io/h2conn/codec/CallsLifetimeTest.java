package io.h2conn.codec;

import static io.h2conn.codec.TwoSides.ANSWERS;
import static io.h2conn.codec.TwoSides.ECHO;
import static io.h2conn.codec.TwoSides.QUESTION;
import static io.h2conn.codec.TwoSides.QUESTIONS;
import static io.h2conn.codec.TwoSides.failureOf;
import static io.h2conn.codec.TwoSides.reasonOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionResetException;
import io.h2conn.codec.CallException.Reason;
import io.h2conn.codec.TwoSides.Answer;
import io.h2conn.codec.TwoSides.Question;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long calls last, how many there may be, and how they end. */
@Timeout(30)
class CallsLifetimeTest {
    private final TwoSides sides = new TwoSides();

    @AfterEach
    void end() {
        sides.abort();
    }

    // ---------------------------------------------------------------- timeouts and cancelling

    @Test
    void aTimeoutCancelsTheCallAtThePeerAndLeavesTheConnectionUsable() throws Exception {
        Calls<Question, Answer> server = sides.server(sides.later);
        Calls<Question, Answer> client = sides.client();

        assertThatThrownBy(() -> client.call(QUESTION, Duration.ofMillis(20)))
                .isInstanceOf(CallTimeoutException.class)
                .isInstanceOf(java.net.SocketTimeoutException.class)
                .hasMessageContaining("20 ms");
        assertThat(failureOf(sides.nextPending())).isInstanceOf(CancellationException.class);

        CompletableFuture<Answer> next = client.callAsync(QUESTION, Duration.ZERO);
        sides.nextPending().complete(new Answer("in time"));
        assertThat(next.get(10, TimeUnit.SECONDS).text()).isEqualTo("in time");
        assertThat(server.connection().isOpen()).isTrue();
    }

    @Test
    void anAsynchronousCallTimesOutOnNoSharedThread() throws Exception {
        sides.server(sides.later);

        CompletableFuture<String> thread = sides.client(CallOptions.defaults().withTimeout(Duration.ofMillis(20)))
                .callAsync(QUESTION)
                .handle((answer, failure) -> {
                    assertThat(failure).isInstanceOf(CallTimeoutException.class);
                    return Thread.currentThread().getName();
                });

        assertThat(thread.get(10, TimeUnit.SECONDS)).doesNotContain("timer");
        assertThat(failureOf(sides.nextPending())).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancellingReachesThePeersHandler() throws Exception {
        sides.server(sides.later);
        CompletableFuture<Answer> call = sides.client().callAsync(QUESTION);
        CompletableFuture<Answer> handling = sides.nextPending();

        assertThat(call.cancel(false)).isTrue();

        assertThat(failureOf(handling)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void anOrTimeoutOfTheUsersOwnReachesThePeersHandlerToo() throws Exception {
        sides.server(sides.later);
        CompletableFuture<Answer> unused = sides.client().callAsync(QUESTION).orTimeout(1, TimeUnit.MILLISECONDS);

        assertThat(failureOf(sides.nextPending())).isInstanceOf(CancellationException.class);
    }

    @Test
    void anInterruptEndsTheCallAndCancelsItAtThePeer() throws Exception {
        sides.server(sides.later);
        Calls<Question, Answer> client = sides.client();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> client.call(QUESTION)).isInstanceOf(InterruptedIOException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(client.connection().isOpen()).isTrue();
    }

    @Test
    void cancellingInterruptsABlockingHandlerAndWaitsForItBeforeAnotherMayRun() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        sides.server(
                CallHandler.blocking((question, calls) -> {
                    if (question.number() == 2) {
                        return new Answer("second");
                    }
                    started.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    mayReturn.await();
                    return new Answer("too late");
                }),
                CallOptions.defaults().withMaxPeerCalls(1));
        Calls<Question, Answer> client = sides.client();
        CompletableFuture<Answer> call = client.callAsync(QUESTION);
        started.await();

        call.cancel(false);
        interrupted.await();
        assertThat(reasonOf(client.callAsync(new Question("", 2)))).isEqualTo(Reason.BUSY);
        mayReturn.countDown();

        while (true) {
            CompletableFuture<Answer> second = client.callAsync(new Question("", 2));
            if (second.handle((answer, failure) -> answer != null).get()) {
                break;
            }
            assertThat(reasonOf(second)).isEqualTo(Reason.BUSY);
        }
    }

    @Test
    void aLateReplyIsDroppedAndCounted() throws Exception {
        Calls<Question, Answer> client = sides.client();
        CompletableFuture<CompletableFuture<Answer>> call = new CompletableFuture<>();
        sides.server((question, calls) -> {
            if (question.number() == 1) {
                call.join().cancel(false); // its message cannot be received before this returns: the two cross
                return CompletableFuture.completedFuture(new Answer("late"));
            }
            return ECHO.onCall(question, calls);
        });
        call.complete(client.callAsync(QUESTION));

        assertThat(client.call(new Question("next", 2)).text()).isEqualTo("next2");
        assertThat(client.droppedReplies()).isEqualTo(1);
    }

    // ---------------------------------------------------------------- limits

    @Test
    void aPeerWithTooManyCallsIsToldSoAtOnceAndTheOthersGoOn() throws Exception {
        sides.server(sides.later, CallOptions.defaults().withMaxPeerCalls(2));
        Calls<Question, Answer> client = sides.client();
        CompletableFuture<Answer> first = client.callAsync(QUESTION);
        CompletableFuture<Answer> second = client.callAsync(QUESTION);

        assertThat(reasonOf(client.callAsync(QUESTION))).isEqualTo(Reason.BUSY);

        sides.nextPending().complete(new Answer("1"));
        sides.nextPending().complete(new Answer("2"));
        assertThat(first.get(10, TimeUnit.SECONDS).text()).isEqualTo("1");
        assertThat(second.get(10, TimeUnit.SECONDS).text()).isEqualTo("2");
    }

    @Test
    void beyondTheLimitOfThisSideAnAsynchronousCallFailsAndABlockingOneWaits() throws Exception {
        sides.server(sides.later);
        Calls<Question, Answer> client = sides.client(CallOptions.defaults().withMaxCalls(1));
        CompletableFuture<Answer> first = client.callAsync(QUESTION);

        assertThat(reasonOf(client.callAsync(QUESTION))).isEqualTo(Reason.BUSY);
        assertThatThrownBy(() -> client.call(QUESTION, Duration.ofMillis(20)))
                .isInstanceOf(CallTimeoutException.class)
                .hasMessageContaining("nothing was sent");
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return client.call(QUESTION);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        sides.nextPending().complete(new Answer("1"));
        sides.nextPending().complete(new Answer("2"));

        assertThat(first.get(10, TimeUnit.SECONDS).text()).isEqualTo("1");
        assertThat(waiting.get(10, TimeUnit.SECONDS).text()).isEqualTo("2");
    }

    @Test
    void callsThatTimeOutWhileThePeerDoesNotReadDoNotPileUp() {
        Calls<Question, Answer> client = sides.client(CallOptions.defaults().withMaxCalls(8));
        Question large = new Question("x".repeat(100_000), 1);
        int sent = 0;
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Answer> call = client.callAsync(large);
            if (!call.isDone()) {
                sent++;
                call.cancel(false);
            }
        }

        assertThat(sent).isBetween(8, 12); // what is in the send buffer and the window no longer counts
    }

    // ---------------------------------------------------------------- the end

    @Test
    void aResetFailsAllCallsThatWait() throws Exception {
        sides.server(sides.later);
        Calls<Question, Answer> client = sides.client();
        List<CompletableFuture<Answer>> calls = List.of(client.callAsync(QUESTION), client.callAsync(QUESTION));
        CompletableFuture<Answer> handling = sides.nextPending();

        sides.pair.server().abort();

        Throwable first = failureOf(calls.get(0));
        assertThat(first).isInstanceOf(ConnectionResetException.class);
        assertThat(failureOf(calls.get(1)))
                .isInstanceOf(ConnectionResetException.class)
                .isNotSameAs(first);
        assertThat(failureOf(handling)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> client.call(QUESTION)).isInstanceOf(ConnectionResetException.class);
        client.closed().toCompletableFuture().handle((done, failure) -> true).get(10, TimeUnit.SECONDS);
    }

    @Test
    void thePeersEndFailsAllCallsThatWait() throws Exception {
        Calls<Question, Answer> client = sides.client();
        CompletableFuture<Answer> call = client.callAsync(QUESTION);

        sides.pair.server().closeOutput();

        assertThat(failureOf(call)).isInstanceOf(EOFException.class).hasMessageContaining("the peer has ended");
        assertThatThrownBy(() -> client.call(QUESTION)).isInstanceOf(EOFException.class);
        client.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(sides.pair.client().isOpen()).isFalse();
    }

    @Test
    void closingTheConnectionItselfFailsAllCallsThatWait() throws Exception {
        sides.server(sides.later);
        Calls<Question, Answer> client = sides.client();
        CompletableFuture<Answer> call = client.callAsync(QUESTION);

        sides.pair.client().close();

        assertThat(failureOf(call)).isInstanceOf(ConnectionClosedException.class);
        client.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void closingLetsTheCallsOfBothSidesFinish() throws Exception {
        Calls<Question, Answer> server = sides.server(sides.later);
        Calls<Question, Answer> client = Calls.over(sides.pair.client(), QUESTIONS, ANSWERS, sides.later);
        CompletableFuture<Answer> fromClient = client.callAsync(QUESTION);
        CompletableFuture<Answer> toAnswerByServer = sides.nextPending();
        CompletableFuture<Answer> fromServer = server.callAsync(QUESTION);
        CompletableFuture<Answer> toAnswerByClient = sides.nextPending();

        CompletableFuture<?> closed = client.closeAsync();

        assertThat(failureOf(client.callAsync(QUESTION)))
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessageContaining("after close()");
        assertThat(reasonOf(server.callAsync(QUESTION))).isEqualTo(Reason.CLOSING);
        assertThat(closed).isNotDone();
        toAnswerByServer.complete(new Answer("from the server"));
        assertThat(fromClient.get(10, TimeUnit.SECONDS).text()).isEqualTo("from the server");
        assertThat(closed).isNotDone();
        toAnswerByClient.complete(new Answer("from the client"));
        assertThat(fromServer.get(10, TimeUnit.SECONDS).text()).isEqualTo("from the client");
        closed.get(10, TimeUnit.SECONDS);
        server.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(sides.pair
                        .server()
                        .closed()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .isOrderly())
                .isTrue();
        assertThat(sides.pair
                        .client()
                        .closed()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .isOrderly())
                .isTrue();
    }

    @Test
    void closingDoesNotWaitForHandlersThatNeverAnswer() throws Exception {
        Calls<Question, Answer> server =
                sides.server(sides.later, CallOptions.defaults().withTimeout(Duration.ofMillis(50)));
        CompletableFuture<Answer> call = sides.client().callAsync(QUESTION);
        CompletableFuture<Answer> handling = sides.nextPending();

        server.close();

        assertThat(failureOf(call)).isInstanceOf(EOFException.class);
        assertThat(failureOf(handling)).isInstanceOf(CancellationException.class);
    }

    @Test
    void aPeerThatHasEndedGetsTheAnswersToWhatItAskedBefore() throws Exception {
        Calls<Question, Answer> server = sides.server(sides.later);
        CallOutput output = new CallOutput(sides.pair.client());
        output.write(output.encode(CallEnvelope.REQUEST, 7, QUESTIONS, QUESTION), failure -> {});
        sides.pair.client().closeOutput();

        sides.nextPending().complete(new Answer("still"));

        byte[] received = sides.pair.client().input().readAllBytes();
        assertThat(new String(received, 13, received.length - 13, UTF_8)).isEqualTo("{\"text\":\"still\"}");
        server.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void closingWithNothingInProgressIsImmediateAndIdempotent() throws Exception {
        sides.server(ECHO);
        Calls<Question, Answer> client = sides.client();
        client.call(QUESTION);

        client.close();
        client.close();

        assertThatThrownBy(() -> client.call(QUESTION)).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        CallOptions options = CallOptions.defaults();
        assertThatThrownBy(() -> options.withMaxCalls(0)).hasMessage("maxCalls must be at least 1 but was 0");
        assertThatThrownBy(() -> options.withMaxPeerCalls(-1)).hasMessage("maxPeerCalls must be at least 1 but was -1");
        assertThatThrownBy(() -> options.withTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sides.client().callAsync(QUESTION, Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(CallOptions.nanos(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
    }
}
