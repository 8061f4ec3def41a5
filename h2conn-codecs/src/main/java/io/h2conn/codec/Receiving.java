package io.h2conn.codec;

import io.h2conn.DuplexConnection;
import io.h2conn.internal.PendingExceptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way in of a message connection. Receivers take turns with the {@link Inbox}: threads that block, and one taker that
 * does not, a future or a subscriber; or, from then on for good, a listener. A turn belongs to no thread: a taker that
 * waits for bytes keeps it.
 */
final class Receiving<I> {
    /** Enough turns for everybody, once nobody can receive any more: each finds out for itself. */
    private static final int ALL_TURNS = Integer.MAX_VALUE / 2;

    private final DuplexConnection connection;
    private final Inbox<I> inbox;
    private final Semaphore turn = new Semaphore(1);
    private final AtomicReference<@Nullable Taker<I>> taker = new AtomicReference<>();
    private volatile boolean listening;

    Receiving(DuplexConnection connection, Codec<I> codec) {
        this.connection = connection;
        this.inbox = new Inbox<>(codec);
    }

    /** Somebody who takes messages without blocking. */
    interface Taker<I> {
        /** Whether it wants a message now. Who makes this true calls {@link Receiving#serve} afterwards. */
        boolean wants();

        /** Gives it a message, with the turn. Returns false if it does not want it after all. */
        boolean take(I message);

        /** Called without the turn after it has taken something. */
        void afterTurn();

        /** There will be no more, because of the end or a failure. Called without the turn. */
        void end(@Nullable Throwable failure);

        /** Tells what it is waiting for. */
        void waitsFor(CompletableFuture<?> read);
    }

    // ---------------------------------------------------------------- blocking

    @Nullable
    I receive() throws IOException {
        takeTurn();
        try {
            while (true) {
                I message = inbox.next();
                if (message != null) {
                    return message;
                }
                int count = connection.read(inbox.room());
                if (count < 0) {
                    return inbox.last();
                }
                inbox.received(count);
            }
        } finally {
            passTurn();
        }
    }

    private void takeTurn() throws InterruptedIOException {
        if (!turn.tryAcquire()) {
            try {
                turn.acquire();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the caller owns the policy
                throw new InterruptedIOException("interrupted while waiting to receive");
            }
        }
        requireNoListener(); // there are turns enough: this one need not be passed on
    }

    private void passTurn() {
        turn.release();
        serve();
    }

    private void requireNoListener() {
        if (listening) {
            throw givenToListener();
        }
    }

    private IllegalStateException givenToListener() {
        return new IllegalStateException(
                "the messages of " + connection.id() + " were given to a listener by listen(); receive them there");
    }

    // ---------------------------------------------------------------- without a thread

    CompletableFuture<@Nullable I> receiveAsync() {
        requireNoListener();
        AsyncReceive<I> receive = new AsyncReceive<>(this);
        if (!become(receive)) {
            throw PendingExceptions.read("another asynchronous receive, or a subscriber, waits for messages of "
                    + connection.id() + "; wait for its result first");
        }
        serve();
        return receive;
    }

    /** Makes somebody the one taker. */
    boolean become(Taker<I> next) {
        return taker.compareAndSet(null, next);
    }

    /** It wants nothing any more. Returns whether it still was the taker. */
    boolean leave(Taker<I> former) {
        return taker.compareAndSet(former, null);
    }

    /** Serves the taker as long as it wants something and it is its turn. */
    void serve() {
        Taker<I> next = taker.get();
        while (next != null && next.wants() && turn.tryAcquire()) {
            if (listening) {
                // Looked at with the turn, as by the listener. It came while the listener did, or asked for nothing
                // until now.
                if (leave(next)) {
                    next.end(givenToListener());
                }
            } else if (!give(next)) {
                return; // and goes on when bytes arrive
            }
            next = taker.get();
        }
    }

    /** With the turn: gives what there is. Returns whether the turn was passed on. */
    private boolean give(Taker<I> to) {
        while (to.wants()) {
            CompletableFuture<@Nullable ByteBuffer> read;
            try {
                I message = inbox.next();
                if (message != null) {
                    if (!to.take(message)) {
                        inbox.giveBack(message);
                    }
                    continue;
                }
                inbox.settle();
                read = connection.readAsync();
            } catch (Throwable t) {
                return end(to, t); // whatever a codec or a subscriber throws: the turn must not be lost with it
            }
            if (!read.isDone()) {
                to.waitsFor(read);
                CompletionStage<?> unused = read.whenComplete((data, failure) -> {
                    if (arrived(to, data, failure) || give(to)) {
                        serve();
                    }
                });
                return false;
            }
            if (arrived(to, read)) {
                return true;
            }
        }
        turn.release();
        to.afterTurn();
        return true;
    }

    private boolean arrived(Taker<I> to, CompletableFuture<@Nullable ByteBuffer> done) {
        return done.handle((data, failure) -> arrived(to, data, failure)).join();
    }

    /** With the turn: takes in what has arrived. Returns whether this was the end, and the turn passed on. */
    private boolean arrived(Taker<I> to, @Nullable ByteBuffer data, @Nullable Throwable failure) {
        if (data != null) {
            inbox.adopt(data);
            return false;
        }
        if (failure != null) {
            // A taker that has left has cancelled its read: nothing has failed.
            return to.wants() && end(to, failure);
        }
        try {
            I last = inbox.last();
            if (last == null) {
                return end(to, null);
            }
            if (!to.take(last)) {
                inbox.giveBack(last);
            }
            return false;
        } catch (Throwable t) {
            return end(to, t);
        }
    }

    private boolean end(Taker<I> to, @Nullable Throwable failure) {
        leave(to);
        turn.release();
        to.end(failure);
        return true;
    }

    // ---------------------------------------------------------------- listening

    CompletableFuture<@Nullable Void> listen(MessageListener<? super I> listener) {
        requireNoListener();
        if (!turn.tryAcquire()) {
            throw new IllegalStateException(
                    "a receive of " + connection.id() + " is under way; listen when no other is");
        }
        requireNoListener(); // again, with the turn: of two at the same time one is refused
        listening = true;
        turn.release(ALL_TURNS);
        serve(); // a taker that came meanwhile found no turn, and waits to be told
        return new Feed<I>(connection, inbox, listener).start();
    }
}
