package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thread that answered a call, or was to answer one, is its executor's again afterwards. */
@Timeout(30)
class BlockingCallTest {
    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final CallHandler<String, String> handler =
            CallHandler.blocking((question, calls) -> "answer to " + question, tasks::add);

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private CompletableFuture<String> start() throws Exception {
        Codec<String> codec = Codecs.lines();
        return handler.onCall("a question", Calls.over(pair.server(), codec, codec))
                .toCompletableFuture();
    }

    @Test
    void cancellingACallThatNeverBeganInterruptsNoThread() throws Exception {
        CompletableFuture<String> call = start();
        call.cancel(true);
        tasks.remove().run();
        assertThat(call).isCompletedExceptionally();

        call.cancel(true);

        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void cancellingACallThatWasAnsweredInterruptsNoThread() throws Exception {
        CompletableFuture<String> call = start();
        tasks.remove().run();
        assertThat(call).isCompletedWithValue("answer to a question");

        call.cancel(true);

        assertThat(Thread.interrupted()).isFalse();
    }
}
