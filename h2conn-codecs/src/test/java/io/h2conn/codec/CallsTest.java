package io.h2conn.codec;

import static io.h2conn.codec.TwoSides.ANSWERS;
import static io.h2conn.codec.TwoSides.ECHO;
import static io.h2conn.codec.TwoSides.QUESTION;
import static io.h2conn.codec.TwoSides.QUESTIONS;
import static io.h2conn.codec.TwoSides.failureOf;
import static io.h2conn.codec.TwoSides.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.codec.CallException.Reason;
import io.h2conn.codec.TwoSides.Answer;
import io.h2conn.codec.TwoSides.Question;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests, and what comes back. */
@Timeout(30)
class CallsTest {
    private final TwoSides sides = new TwoSides();

    @AfterEach
    void end() {
        sides.abort();
    }

    // ---------------------------------------------------------------- replies

    @Test
    void aCallIsAnsweredByTheHandlerOfThePeer() throws Exception {
        sides.server(ECHO);

        assertThat(sides.client().call(QUESTION)).isEqualTo(new Answer("what?1"));
    }

    @Test
    void bothSidesCallEachOtherAtTheSameTime() throws Exception {
        Calls<Question, Answer> server = sides.server(ECHO);
        Calls<Question, Answer> client = Calls.over(sides.pair.client(), QUESTIONS, ANSWERS, ECHO);

        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(client.callAsync(new Question("c", i)));
            answers.add(server.callAsync(new Question("s", i)));
        }

        for (int i = 0; i < 200; i++) {
            assertThat(answers.get(2 * i).get(10, TimeUnit.SECONDS).text()).isEqualTo("c" + i);
            assertThat(answers.get(2 * i + 1).get(10, TimeUnit.SECONDS).text()).isEqualTo("s" + i);
        }
    }

    @Test
    void thousandsOfCallsAreAnsweredInAnyOrder() throws Exception {
        CallOptions many = CallOptions.defaults().withMaxCalls(5000).withMaxPeerCalls(5000);
        sides.server(
                (question, calls) ->
                        sides.later.onCall(question, calls).thenApply(a -> new Answer("" + question.number())),
                many);
        Calls<Question, Answer> client = sides.client(many);
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            answers.add(client.callAsync(new Question("", i)));
        }
        List<CompletableFuture<Answer>> held = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            held.add(sides.nextPending());
        }
        Collections.shuffle(held);
        held.forEach(answer -> answer.complete(new Answer("")));

        for (int i = 0; i < 5000; i++) {
            assertThat(answers.get(i).get(10, TimeUnit.SECONDS).text()).isEqualTo("" + i);
        }
    }

    @Test
    void aBlockingHandlerCallsTheCallerBackOnTheSameConnection() throws Exception {
        sides.server(CallHandler.blocking((question, calls) -> calls.call(new Question(question.text() + "!", 2))));
        Calls<Question, Answer> client = Calls.over(sides.pair.client(), QUESTIONS, ANSWERS, ECHO);

        assertThat(client.call(QUESTION)).isEqualTo(new Answer("what?!2"));
    }

    @Test
    void callsRecurseAcrossTheConnection() throws Exception {
        CallHandler<Question, Answer> countdown = CallHandler.blocking((question, calls) ->
                question.number() == 0 ? new Answer("done") : calls.call(new Question("", question.number() - 1)));
        sides.server(countdown);
        Calls<Question, Answer> client = Calls.over(sides.pair.client(), QUESTIONS, ANSWERS, countdown);

        assertThat(client.call(new Question("", 40))).isEqualTo(new Answer("done"));
    }

    @Test
    void requestsAndRepliesMayHaveDifferentCodecsWithAnyFraming() throws Exception {
        Codec<byte[]> fixed = new Codec<>() {
            @Override
            public void encode(byte[] message, MessageOutput output) throws IOException {
                output.write(message);
            }

            @Override
            public byte[] decode(ByteBuffer message) {
                byte[] bytes = new byte[message.remaining()];
                message.get(bytes);
                return bytes;
            }

            @Override
            public Framing framing() {
                return Framing.fixed(4);
            }
        };
        Calls.over(
                sides.pair.server(),
                fixed,
                ANSWERS,
                (bytes, calls) -> CompletableFuture.completedFuture(new Answer("" + bytes.length)));
        Calls<byte[], Answer> client = Calls.over(sides.pair.client(), fixed, ANSWERS);

        assertThat(client.call(new byte[0]).text()).isEqualTo("0");
        assertThat(client.call(new byte[100_000]).text()).isEqualTo("100000");
    }

    // ---------------------------------------------------------------- failures of one call

    @Test
    void aSideWithoutAHandlerSaysSo() {
        sides.client();
        Calls<Question, Answer> server = Calls.over(sides.pair.server(), QUESTIONS, ANSWERS);

        assertThat(reasonOf(server.callAsync(QUESTION))).isEqualTo(Reason.NOT_SUPPORTED);
    }

    @Test
    void thePeerLearnsTheReasonAndTheTextThatTheHandlerGives() {
        sides.server((question, calls) -> {
            throw new CallException(Reason.NOT_SUPPORTED, "no such thing: " + question.text());
        });

        assertThatThrownBy(() -> sides.client().call(QUESTION)).isInstanceOfSatisfying(CallException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.NOT_SUPPORTED);
            assertThat(e.text()).isEqualTo("no such thing: what?");
            assertThat(e).hasMessageContaining("NOT_SUPPORTED").hasMessageContaining("no such thing");
            assertThat(e.getStackTrace()).anyMatch(frame -> frame.getClassName().equals(CallsTest.class.getName()));
        });
    }

    @Test
    void thePeerLearnsNothingOfAnyOtherFailureOfAHandler() {
        sides.server((question, calls) -> switch (question.number()) {
            case 1 -> throw new IllegalStateException("secret");
            case 2 -> throw new StackOverflowError("secret");
            case 3 -> CompletableFuture.failedFuture(new IOException("secret"));
            default ->
                CompletableFuture.supplyAsync(() -> {
                    throw new IllegalStateException("secret");
                });
        });
        Calls<Question, Answer> client = sides.client();

        for (int i = 1; i <= 4; i++) {
            assertThat(failureOf(client.callAsync(new Question("", i))))
                    .isInstanceOfSatisfying(
                            CallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FAILED))
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void aHandlerWithoutAReplyHasFailed() {
        sides.server((question, calls) -> question.number() == 1 ? null : CompletableFuture.completedFuture(null));
        Calls<Question, Answer> client = sides.client();

        assertThat(reasonOf(client.callAsync(QUESTION))).isEqualTo(Reason.FAILED);
        assertThat(reasonOf(client.callAsync(new Question("", 2)))).isEqualTo(Reason.FAILED);
    }

    @Test
    void aHandlerMayCancelOrHaveNoRoom() {
        sides.server((question, calls) -> CompletableFuture.failedFuture(
                question.number() == 1 ? new CancellationException() : new RejectedExecutionException()));
        Calls<Question, Answer> client = sides.client();

        assertThat(reasonOf(client.callAsync(QUESTION))).isEqualTo(Reason.CANCELLED);
        assertThat(reasonOf(client.callAsync(new Question("", 2)))).isEqualTo(Reason.BUSY);
    }

    @Test
    void aLongTextIsCutBetweenTwoCharacters() {
        sides.server((question, calls) -> {
            throw new CallException(Reason.FAILED, "€".repeat(10_000));
        });

        assertThat(failureOf(sides.client().callAsync(QUESTION)))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.text()).isEqualTo("€".repeat(341)));
    }

    @Test
    void aReplyThatIsTooLargeOrCannotBeEncodedFailsItsCallOnly() throws Exception {
        Codec<Answer> codec = new Codec<>() {
            @Override
            public void encode(Answer answer, MessageOutput output) throws IOException {
                if (answer.text().equals("bad1")) {
                    throw new NoClassDefFoundError("a part of the codec");
                }
                ANSWERS.encode(answer, output);
            }

            @Override
            public Answer decode(ByteBuffer message) throws IOException {
                return ANSWERS.decode(message);
            }
        };
        Calls.over(sides.pair.server(), QUESTIONS, codec.withMaxMessageBytes(20), ECHO);
        Calls<Question, Answer> client = sides.client();

        assertThat(reasonOf(client.callAsync(new Question("x".repeat(100), 1)))).isEqualTo(Reason.FAILED);
        assertThat(reasonOf(client.callAsync(new Question("bad", 1)))).isEqualTo(Reason.FAILED);
        assertThat(client.call(QUESTION)).isEqualTo(new Answer("what?1"));
    }

    @Test
    void aRequestThatCannotBeEncodedIsNotSent() throws Exception {
        sides.server(ECHO);
        Calls<Question, Answer> client = Calls.over(sides.pair.client(), QUESTIONS.withMaxMessageBytes(40), ANSWERS);

        assertThatThrownBy(() -> client.call(new Question("x".repeat(100), 1)))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("40 bytes");
        assertThat(failureOf(client.callAsync(new Question("x".repeat(100), 1))))
                .isInstanceOf(MessageTooLargeException.class);
        assertThat(client.call(QUESTION)).isEqualTo(new Answer("what?1"));
    }

    @Test
    void aRequestThatIsTooLargeForThePeerFailsItsCallOnly() throws Exception {
        Calls.over(sides.pair.server(), QUESTIONS.withMaxMessageBytes(40), ANSWERS.withMaxMessageBytes(40), ECHO);
        Calls<Question, Answer> client = sides.client();

        CompletableFuture<Answer> tooLarge = client.callAsync(new Question("x".repeat(500_000), 1));

        assertThat(client.call(QUESTION)).isEqualTo(new Answer("what?1"));
        assertThat(failureOf(tooLarge)).isInstanceOfSatisfying(CallException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.NOT_UNDERSTOOD);
            assertThat(e.text()).contains("larger than the maximum");
        });
    }

    @Test
    void aReplyThatIsTooLargeHereFailsItsCallOnly() throws Exception {
        sides.server(ECHO);
        Calls<Question, Answer> client = Calls.over(sides.pair.client(), QUESTIONS, ANSWERS.withMaxMessageBytes(40));

        assertThatThrownBy(() -> client.call(new Question("x".repeat(1000), 1)))
                .isInstanceOf(MessageTooLargeException.class);
        assertThat(client.call(QUESTION)).isEqualTo(new Answer("what?1"));
    }

    @Test
    void whatCannotBeDecodedFailsItsCallOnly() throws Exception {
        JsonCodec<Object> anything = JsonCodec.of(Object.class);
        Calls<Object, Object> client = Calls.over(
                sides.pair.client(),
                anything,
                anything,
                (request, calls) -> ECHO.onCall(QUESTION, null).thenApply(answer -> List.of(answer)));
        Calls<Question, Answer> server = sides.server(ECHO);

        assertThat(failureOf(client.callAsync(List.of(1)))).isInstanceOfSatisfying(CallException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.NOT_UNDERSTOOD);
            assertThat(e.text()).isEqualTo("the request at byte 13 of the input cannot be decoded");
        });
        assertThat(failureOf(server.callAsync(QUESTION)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("Answer");
        assertThat(client.call(QUESTION)).hasToString("{text=what?1}");
    }
}
