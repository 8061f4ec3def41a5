package io.h2conn.codec;

import io.h2conn.DuplexConnection;
import io.h2conn.internal.Threads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a message connection. Writers take turns, so that what a timeout or an interrupt has left over of a
 * message goes first, and no message ever follows half of another. A turn belongs to no thread: an asynchronous write
 * keeps it until it is accepted.
 */
final class Sending {
    private final DuplexConnection connection;
    private final Semaphore turn = new Semaphore(1);
    /**
     * Asynchronous writes that wait for their turn. Each is of somebody who waits for it: there are few. Made when the first
     * one has to wait: a broadcast to many connections should find little at each.
     */
    private volatile @Nullable Queue<AsyncSend> waiting;
    /** How many messages were begun. Belongs to whoever has the turn; who only wants to know whether it moves may see it late. */
    private int count;
    /** What is left over of a message that is partly on its way. Belongs to whoever has the turn. */
    private @Nullable ByteBuffer unsent;

    Sending(DuplexConnection connection) {
        this.connection = connection;
    }

    // ---------------------------------------------------------------- blocking

    /** Writes a message. Its bytes may be used again if all of them were taken. */
    void write(ByteBuffer message) throws IOException {
        takeTurn("to send");
        try {
            writeUnsent();
            writeOrKeep(message, false);
        } finally {
            passTurn();
        }
    }

    /** Ends the output after what is left over. */
    void end() throws IOException {
        takeTurn("to end the output");
        try {
            writeUnsent();
            connection.closeOutput();
        } finally {
            passTurn();
        }
    }

    /** Whether a message is cut off by closing now. Not waited for: a writer that has the turn knows for itself. */
    boolean isCut() {
        if (!turn.tryAcquire()) {
            return false;
        }
        boolean cut = unsent != null;
        passTurn();
        return cut;
    }

    /** A number that moves when something is sent. */
    int count() {
        return count;
    }

    private void writeUnsent() throws IOException {
        ByteBuffer rest = unsent;
        if (rest != null) {
            unsent = null;
            writeOrKeep(rest, true);
        }
    }

    private void writeOrKeep(ByteBuffer bytes, boolean begun) throws IOException {
        int length = bytes.remaining();
        count++;
        try {
            connection.write(bytes);
        } finally {
            keepIfCut(bytes, begun || bytes.remaining() < length);
        }
    }

    private void keepIfCut(ByteBuffer bytes, boolean begun) {
        if (begun && bytes.hasRemaining()) {
            unsent = bytes;
        }
    }

    private void takeTurn(String purpose) throws InterruptedIOException {
        if (!turn.tryAcquire()) {
            try {
                turn.acquire();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the caller owns the policy
                throw new InterruptedIOException("interrupted while waiting " + purpose);
            }
        }
    }

    private void passTurn() {
        turn.release();
        serve();
    }

    // ---------------------------------------------------------------- without a thread

    /**
     * Writes a message when its turn comes.
     *
     * @param message must not be touched until the answer
     * @param answer told, before anybody else, that all was accepted, or why not; must not block
     * @return completes when all of it is accepted
     */
    CompletableFuture<@Nullable Void> writeAsync(ByteBuffer message, Consumer<@Nullable Throwable> answer) {
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        write(new AsyncSend(message, answer, result));
        return result;
    }

    /** As the other one, for those who need no answer but the result. */
    CompletableFuture<@Nullable Void> writeAsync(ByteBuffer message) {
        return writeAsync(message, failure -> {});
    }

    /** As the other one, for those who need no result but the answer. */
    void writeAndTell(ByteBuffer message, Consumer<@Nullable Throwable> answer) {
        write(new AsyncSend(message, answer, null));
    }

    private void write(AsyncSend send) {
        if (isNobodyWaiting() && turn.tryAcquire()) {
            if (start(send)) {
                serve();
                send.complete();
            }
        } else {
            queue().add(send);
            serve();
        }
    }

    private boolean isNobodyWaiting() {
        Queue<AsyncSend> queue = waiting;
        return queue == null || queue.isEmpty();
    }

    private Queue<AsyncSend> queue() {
        Queue<AsyncSend> queue = waiting;
        if (queue == null) {
            synchronized (turn) {
                queue = waiting;
                if (queue == null) {
                    queue = new ConcurrentLinkedQueue<>();
                    waiting = queue;
                }
            }
        }
        return queue;
    }

    /** Starts what waits while it is its turn: whoever passes the turn on, or adds something to wait, looks here. */
    private void serve() {
        while (!isNobodyWaiting() && turn.tryAcquire()) {
            AsyncSend next = queue().poll();
            if (next == null) {
                turn.release();
            } else if (start(next)) {
                next.completeElsewhere();
            } else {
                return; // and goes on when it is answered
            }
        }
    }

    /** With the turn: returns whether it was passed on already. */
    private boolean start(AsyncSend send) {
        ByteBuffer rest = unsent;
        unsent = null;
        count++;
        ByteBuffer bytes = rest == null ? send.message : rest;
        int length = bytes.remaining();
        CompletableFuture<@Nullable Void> written = give(bytes);
        if (written.isDone()) {
            return answered(send, rest != null, bytes, length, failure(written));
        }
        CompletionStage<?> unused = written.whenComplete((done, failure) -> {
            if (answered(send, rest != null, bytes, length, failure)) {
                serve();
                send.complete();
            }
        });
        return false;
    }

    private CompletableFuture<@Nullable Void> give(ByteBuffer bytes) {
        try {
            return connection.writeAsync(bytes);
        } catch (Throwable t) {
            // The application has an asynchronous write of its own under way; or worse, and the turn must not be lost
            // with it.
            return CompletableFuture.failedFuture(t);
        }
    }

    /** Why it failed, or {@code null} if it did not. */
    static @Nullable Throwable failure(CompletableFuture<?> done) {
        return done.isCompletedExceptionally()
                ? done.handle((value, failure) -> failure).join()
                : null;
    }

    /** With the turn: returns whether it was passed on. */
    private boolean answered(AsyncSend send, boolean begun, ByteBuffer bytes, int length, @Nullable Throwable failure) {
        keepIfCut(bytes, begun || bytes.remaining() < length);
        if (begun && failure == null) {
            return start(send); // only what was left over has gone so far
        }
        turn.release();
        send.tell(failure);
        return true;
    }

    /** One asynchronous write, its answer, and the result for those who wait for one. */
    private static final class AsyncSend {
        private final ByteBuffer message;
        private final Consumer<@Nullable Throwable> answer;
        private final @Nullable CompletableFuture<@Nullable Void> result;
        private @Nullable Throwable failure;

        AsyncSend(
                ByteBuffer message,
                Consumer<@Nullable Throwable> answer,
                @Nullable CompletableFuture<@Nullable Void> result) {
            this.message = message;
            this.answer = answer;
            this.result = result;
        }

        /** Once it is answered: the first of two steps. */
        void tell(@Nullable Throwable failure) {
            this.failure = failure;
            answer.accept(failure);
        }

        /** The second step, when nobody else waits to be served by this thread: what depends on the result may block. */
        void complete() {
            if (result != null) {
                if (failure == null) {
                    result.complete(null);
                } else {
                    result.completeExceptionally(failure);
                }
            }
        }

        /** The second step, for a thread that has others to serve. */
        void completeElsewhere() {
            if (result != null) {
                Threads.executor().execute(this::complete);
            }
        }
    }
}
