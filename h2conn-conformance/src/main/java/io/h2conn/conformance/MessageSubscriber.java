package io.h2conn.conformance;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A subscriber that keeps what it gets, and asks for more when it is told to, or whenever it got something. */
final class MessageSubscriber<T> implements Flow.Subscriber<T> {
    private final List<T> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final long first;
    private final long more;
    private Flow.@Nullable Subscription subscription;

    /** Asks for so many at first, and so many after each. */
    MessageSubscriber(long first, long more) {
        this.first = first;
        this.more = more;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        if (first > 0) {
            subscription.request(first);
        }
    }

    @Override
    public void onNext(T message) {
        received.add(message);
        if (more > 0) {
            subscription().request(more);
        }
    }

    @Override
    public void onError(Throwable failure) {
        done.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        done.complete(null);
    }

    Flow.Subscription subscription() {
        return Objects.requireNonNull(subscription, "onSubscribe comes first");
    }

    List<T> received() {
        return received;
    }

    /** Completes at the end, or fails. */
    CompletableFuture<@Nullable Void> done() {
        return done;
    }
}
