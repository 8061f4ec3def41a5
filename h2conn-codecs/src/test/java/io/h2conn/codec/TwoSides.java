package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.CallException.Reason;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that calls and a server that answers, connected in memory. */
final class TwoSides {
    record Question(String text, int number) {}

    record Answer(String text) {}

    static final JsonCodec<Question> QUESTIONS = JsonCodec.of(Question.class);
    static final JsonCodec<Answer> ANSWERS = JsonCodec.of(Answer.class);
    static final Question QUESTION = new Question("what?", 1);
    static final CallHandler<Question, Answer> ECHO =
            (question, calls) -> CompletableFuture.completedFuture(new Answer(question.text() + question.number()));

    final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final BlockingQueue<CompletableFuture<Answer>> pending = new LinkedBlockingQueue<>();
    /** Answers nothing until the test does. */
    final CallHandler<Question, Answer> later = (question, calls) -> {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        pending.add(answer);
        return answer;
    };

    Calls<Question, Answer> client() {
        return Calls.over(pair.client(), QUESTIONS, ANSWERS);
    }

    Calls<Question, Answer> client(CallOptions options) {
        return Calls.over(pair.client(), QUESTIONS, ANSWERS, null, options);
    }

    Calls<Question, Answer> server(CallHandler<Question, Answer> handler) {
        return Calls.over(pair.server(), QUESTIONS, ANSWERS, handler);
    }

    Calls<Question, Answer> server(CallHandler<Question, Answer> handler, CallOptions options) {
        return Calls.over(pair.server(), QUESTIONS, ANSWERS, handler, options);
    }

    CompletableFuture<Answer> nextPending() throws InterruptedException {
        CompletableFuture<Answer> next = pending.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    void abort() {
        pair.client().abort();
        pair.server().abort();
    }

    static Throwable failureOf(CompletableFuture<?> future) {
        try {
            future.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (Exception e) {
            return e;
        }
        throw new AssertionError("did not fail");
    }

    static Reason reasonOf(CompletableFuture<?> future) {
        Throwable failure = failureOf(future);
        assertThat(failure).isInstanceOf(CallException.class);
        return ((CallException) failure).reason();
    }
}
