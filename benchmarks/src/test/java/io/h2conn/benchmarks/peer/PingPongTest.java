package io.h2conn.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A ping-pong whose answers come from another thread. */
@Timeout(30)
class PingPongTest {
    private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(20);

    private final BlockingQueue<byte[]> sent = new LinkedBlockingQueue<>();
    private final PingPong pingPong = new PingPong(3, sent::add);
    private Thread peer = new Thread();

    /** Answers each message with what is made of it, and fails when nothing is made of one. */
    private void answer(UnaryOperator<byte[]> answers) {
        peer = new Thread(() -> {
            try {
                for (byte[] answer = answers.apply(sent.take()); answer != null; answer = answers.apply(sent.take())) {
                    pingPong.onMessage(answer);
                }
                pingPong.onFailure(new IOException("the peer is gone"));
            } catch (InterruptedException e) {
                // the test is over
            } catch (Exception e) {
                pingPong.onFailure(e);
            }
        });
        peer.start();
    }

    @AfterEach
    void stopThePeer() throws InterruptedException {
        peer.interrupt();
        peer.join();
    }

    @ParameterizedTest
    @EnumSource
    void echoesAreCounted(Waiting waiting) throws Exception {
        answer(message -> message);

        Outcome outcome = PingPong.play(List.of(pingPong), waiting, MOMENT);

        assertThat(outcome.operations()).isPositive();
        assertThat(outcome.latencies().getTotalCount()).isEqualTo(outcome.operations());
    }

    @Test
    void aThreadWaitsAfterCallbacksHaveAnswered() throws Exception {
        answer(message -> message);

        for (Waiting waiting : List.of(Waiting.CALLBACK, Waiting.THREAD, Waiting.CALLBACK)) {
            assertThat(PingPong.play(List.of(pingPong), waiting, MOMENT).operations())
                    .isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongAnswerIsNoticed(Waiting waiting) {
        answer(message -> {
            message[Messages.SMALL - 1] ^= 1;
            return message;
        });

        assertThatThrownBy(() -> PingPong.play(List.of(pingPong), waiting, MOMENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not the one that was sent");
    }

    @ParameterizedTest
    @EnumSource
    void whoeverWaitsLearnsThatTheConnectionHasFailed(Waiting waiting) {
        answer(message -> null);

        assertThatThrownBy(() -> PingPong.play(List.of(pingPong), waiting, MOMENT))
                .isInstanceOf(IOException.class)
                .hasStackTraceContaining("the peer is gone");
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatHasFailedIsNotUsedAgain(Waiting waiting) {
        pingPong.onFailure(new IOException("the peer is gone"));

        assertThatThrownBy(() -> PingPong.play(List.of(pingPong), waiting, MOMENT))
                .isInstanceOf(IOException.class)
                .hasStackTraceContaining("the peer is gone");
    }
}
