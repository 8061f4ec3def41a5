package io.h2conn.codec;

import static io.h2conn.codec.TwoSides.failureOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of everybody else when the messages are given to a listener, and of what a listener returns or throws. */
@Timeout(30)
class ListeningTest {
    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final MessageConnection<String, String> peer =
            MessageConnection.of(pair.client(), JsonCodec.of(String.class));
    private final MessageConnection<String, String> messages =
            MessageConnection.of(pair.server(), JsonCodec.of(String.class));

    /** Asks for what it is told to ask for, and remembers how it ended. */
    private static final class Subscriber implements Flow.Subscriber<String> {
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription.complete(begun);
        }

        @Override
        public void onNext(String message) {
            ended.completeExceptionally(new AssertionError("nobody sent " + message));
        }

        @Override
        public void onError(Throwable failure) {
            ended.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            ended.complete(null);
        }
    }

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    // ---------------------------------------------------------------- everybody else

    @Test
    void aSubscriberThatAskedForNothingYetIsToldWhenItDoes() {
        Subscriber subscriber = new Subscriber();
        messages.publisher().subscribe(subscriber);
        CompletableFuture<?> unused = messages.listen(message -> null);

        subscriber.subscription.join().request(1);

        assertThat(failureOf(subscriber.ended))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("listener");
    }

    @Test
    void aSubscriberThatComesLaterIsToldAtOnceThatItGetsNothing() {
        CompletableFuture<?> unused = messages.listen(message -> null);
        Subscriber subscriber = new Subscriber();

        messages.publisher().subscribe(subscriber);
        subscriber.subscription.join().request(1);

        assertThat(failureOf(subscriber.ended))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("listener");
    }

    @Test
    void aFutureIsNeverLeftWaitingByAListenerThatComesAtTheSameTime() throws Exception {
        for (int round = 0; round < 500; round++) {
            DuplexConnection.Pair fresh = DuplexConnection.pair();
            MessageConnection<String, String> receiver =
                    MessageConnection.of(fresh.server(), JsonCodec.of(String.class));

            List<CompletableFuture<?>> both = together(() -> receiver.listen(message -> null), receiver::receiveAsync);

            // One of the two was refused, or came second and was told so.
            assertThat(failureOf(both.get(0).isCompletedExceptionally() ? both.get(0) : both.get(1)))
                    .isInstanceOf(IllegalStateException.class);
            fresh.client().abort();
            fresh.server().abort();
        }
    }

    @Test
    void ofTwoThreadsThatListenOneIsRefused() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            DuplexConnection.Pair fresh = DuplexConnection.pair();
            MessageConnection<String, String> receiver =
                    MessageConnection.of(fresh.server(), JsonCodec.of(String.class));

            List<CompletableFuture<?>> both =
                    together(() -> receiver.listen(message -> null), () -> receiver.listen(message -> null));

            assertThat(both)
                    .as("round %s", round)
                    .filteredOn(CompletableFuture::isCompletedExceptionally)
                    .singleElement()
                    .satisfies(refused -> assertThat(failureOf(refused)).isInstanceOf(IllegalStateException.class));
            fresh.client().abort();
            fresh.server().abort();
        }
    }

    private interface Attempt {
        CompletableFuture<?> make() throws Exception;
    }

    /** Makes both at the same time, on two threads. One that is refused is a future that has failed. */
    private static List<CompletableFuture<?>> together(Attempt one, Attempt other) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(2);
        AtomicReference<CompletableFuture<?>> ofOne = new AtomicReference<>(new CompletableFuture<>());
        CompletableFuture<?> made = CompletableFuture.runAsync(() -> {
            await(barrier);
            ofOne.set(result(one));
        });
        await(barrier);
        CompletableFuture<?> ofOther = result(other);
        made.get(10, TimeUnit.SECONDS);
        return List.of(ofOne.get(), ofOther);
    }

    private static CompletableFuture<?> result(Attempt attempt) {
        try {
            return attempt.make();
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSubscriberThatThrowsWhenItIsWelcomedIsInNobodysWay() throws Exception {
        Flow.Subscriber<String> rude = new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                throw new IllegalStateException("rude");
            }

            @Override
            public void onNext(String message) {}

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onComplete() {}
        };
        assertThatThrownBy(() -> messages.publisher().subscribe(rude)).hasMessage("rude");

        CompletableFuture<@Nullable String> received = messages.receiveAsync();
        peer.send("still there");

        assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo("still there");
    }

    @Test
    void aSubscriberThatThrowsAtItsEndCostsAnotherThreadNoMessage() throws Exception {
        CompletableFuture<@Nullable String> received = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                received.complete(messages.receive());
            } catch (Throwable t) {
                received.completeExceptionally(t);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        messages.publisher().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(String message) {}

            @Override
            public void onError(Throwable failure) {
                throw new IllegalStateException("rude");
            }

            @Override
            public void onComplete() {}
        });

        pair.client().write(ByteBuffer.wrap("\"mine\"\n}\n".getBytes(UTF_8)));

        assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo("mine");
    }

    // ---------------------------------------------------------------- what a listener returns or throws

    @Test
    void aStageThatShowsNothingOfItselfIsWaitedForAsAnyOther() throws Exception {
        List<String> received = new ArrayList<>();
        CompletableFuture<@Nullable Void> done = messages.listen(message -> {
            received.add(message);
            return CompletableFuture.completedStage("done");
        });

        peer.sendAll(List.of("one", "two"));
        peer.send("three");
        peer.closeOutput();

        done.get(10, TimeUnit.SECONDS);
        assertThat(received).containsExactly("one", "two", "three");
    }

    @Test
    void anErrorOfTheListenerEndsTheListeningWhereverItIsThrown() throws IOException {
        peer.sendAll(List.of("received", "read ahead"));
        assertThat(messages.receive()).isEqualTo("received");

        CompletableFuture<@Nullable Void> done = messages.listen(message -> {
            throw new NoClassDefFoundError("a part of the listener");
        });

        assertThat(failureOf(done)).isInstanceOf(NoClassDefFoundError.class);
    }
}
