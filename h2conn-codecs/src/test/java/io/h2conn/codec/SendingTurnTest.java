package io.h2conn.codec;

import static io.h2conn.codec.TwoSides.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.internal.Threads;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has the turn to send passes it on, whatever happens. */
@Timeout(30)
class SendingTurnTest {
    private static final String LARGE = "x".repeat(1000);

    private final DuplexConnection.Pair pair =
            DuplexConnection.pair(100, ConnectionOptions.defaults().sendBufferBytes(100));
    private final JsonCodec<String> codec = JsonCodec.of(String.class);
    private final MessageConnection<String, String> sender = MessageConnection.of(pair.client(), codec);
    private final MessageConnection<String, String> receiver = MessageConnection.of(pair.server(), codec);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    @AfterEach
    void end() {
        mayGoOn.countDown();
        pair.client().abort();
        pair.server().abort();
    }

    private void block() {
        try {
            mayGoOn.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aDependentThatBlocksHoldsUpNoBroadcast() throws Exception {
        Broadcast<String> broadcast = Broadcast.builder(codec).build();
        broadcast.add(sender);
        CompletableFuture<?> blocked = sender.sendAsync(LARGE).thenRun(this::block);

        broadcast.send("news");

        assertThat(receiver.receive()).isEqualTo(LARGE);
        assertThat(receiver.receiveAsync().get(10, TimeUnit.SECONDS)).isEqualTo("news");
        assertThat(blocked).isNotDone();
    }

    @Test
    void aDependentThatBlocksHoldsUpNoThreadThatSends() throws Exception {
        CompletableFuture<@Nullable Void> large = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                sender.send(LARGE);
                large.complete(null);
            } catch (Throwable t) {
                large.completeExceptionally(t);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        CompletableFuture<?> blocked = sender.sendAsync("small").thenRun(this::block);

        assertThat(receiver.receive()).isEqualTo(LARGE);

        large.get(10, TimeUnit.SECONDS);
        assertThat(receiver.receive()).isEqualTo("small");
        assertThat(blocked).isNotDone();
    }

    @Test
    void anErrorWithinASendFailsItAndPassesTheTurnOn() throws Exception {
        AtomicBoolean failing = new AtomicBoolean();
        Executor executor = task -> {
            if (failing.getAndSet(false)) {
                throw new NoClassDefFoundError("a part of the executor");
            }
            Threads.executor().execute(task);
        };
        DuplexConnection.Pair wide = DuplexConnection.pair(
                10_000, ConnectionOptions.defaults().sendBufferBytes(100).executor(executor));
        try (MessageConnection<String, String> from = MessageConnection.of(wide.client(), codec);
                MessageConnection<String, String> to = MessageConnection.of(wide.server(), codec)) {
            failing.set(true);

            assertThat(failureOf(from.sendAsync(LARGE))).isInstanceOf(NoClassDefFoundError.class);

            from.send("next");
            assertThat(to.receive()).isEqualTo(LARGE); // it was accepted before the executor was asked
            assertThat(to.receive()).isEqualTo("next");
        } finally {
            wide.client().abort();
        }
    }
}
