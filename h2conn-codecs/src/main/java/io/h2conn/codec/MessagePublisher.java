package io.h2conn.codec;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The messages of a connection as a publisher with one subscriber at a time. */
final class MessagePublisher<I> implements Flow.Publisher<I> {
    private static final Logger LOG = LoggerFactory.getLogger(MessagePublisher.class);

    private final Receiving<I> receiving;

    MessagePublisher(Receiving<I> receiving) {
        this.receiving = receiving;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super I> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        Demand<I> demand = new Demand<>(receiving, subscriber);
        if (receiving.become(demand)) {
            demand.start();
        } else {
            demand.refuse();
        }
    }

    private static final class Demand<I> implements Flow.Subscription, Receiving.Taker<I> {
        private final Receiving<I> receiving;
        private final Flow.Subscriber<? super I> subscriber;
        private final AtomicLong wanted = new AtomicLong();
        /** The subscriber knows of this subscription: nothing may be signalled before. */
        private volatile boolean started;

        private volatile boolean done;
        private volatile @Nullable CompletableFuture<?> read;

        Demand(Receiving<I> receiving, Flow.Subscriber<? super I> subscriber) {
            this.receiving = receiving;
            this.subscriber = subscriber;
        }

        void start() {
            try {
                subscriber.onSubscribe(this);
            } catch (Throwable t) {
                cancel(); // whatever it throws: it will ask for nothing, and others must not wait for it
                throw t;
            }
            started = true;
            receiving.serve();
        }

        void refuse() {
            done = true;
            subscriber.onSubscribe(this);
            subscriber.onError(new IllegalStateException(
                    "another subscriber, or an asynchronous receive, takes the messages of this connection"));
        }

        @Override
        public void request(long n) {
            if (done) {
                return;
            }
            if (n <= 0) {
                cancel();
                subscriber.onError(new IllegalArgumentException("request(n) needs a positive n but got " + n));
                return;
            }
            wanted.accumulateAndGet(n, (before, more) -> {
                long sum = before + more;
                return sum < 0 ? Long.MAX_VALUE : sum;
            });
            receiving.serve();
        }

        @Override
        public void cancel() {
            done = true;
            receiving.leave(this);
            CompletableFuture<?> waiting = read;
            if (waiting != null) {
                waiting.cancel(false);
            }
        }

        @Override
        public boolean wants() {
            return started && !done && wanted.get() > 0;
        }

        @Override
        public boolean take(I message) {
            if (done) {
                return false;
            }
            if (wanted.get() != Long.MAX_VALUE) {
                wanted.decrementAndGet();
            }
            subscriber.onNext(message);
            return true;
        }

        @Override
        public void afterTurn() {
            // Everything was told at once.
        }

        @Override
        public void end(@Nullable Throwable failure) {
            if (done) {
                return;
            }
            done = true;
            try {
                if (failure == null) {
                    subscriber.onComplete();
                } else {
                    subscriber.onError(failure);
                }
            } catch (Throwable t) {
                // Whatever it throws: this may be another receiver's thread, which has a message to return.
                LOG.warn("a subscriber threw when it was told of its end", t);
            }
        }

        @Override
        public void waitsFor(CompletableFuture<?> read) {
            this.read = read;
            if (done) {
                read.cancel(false);
            }
        }
    }
}
