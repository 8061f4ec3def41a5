package io.h2conn.codec;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One receiver: what it reads, and the one write under way.
 *
 * <p>Everybody who has something for it, or has made room, calls {@link #advance}. Whoever finds no write under way begins
 * one and stays its owner, from write to write, until a write has to wait; then the answer to that goes on. All others
 * only bring the queue up to date. So there is never more than one write, and never none while something waits.
 *
 * <pre>
 *            begin                  answered, owner still there
 *     NONE ---------> STARTED ----------------------------------> ANSWERED
 *      ^                 |                                            |
 *      |                 | the owner leaves                           |
 *      |                 v                                            |
 *      |   answered   WAITING                                         |
 *      +-----------------+                                            |
 *      +--------------------------------------------------------------+  the owner goes on
 * </pre>
 *
 * <p>All fields are guarded by the lock of the {@link LogReader}. No thread ever has the locks of two receivers, or that of the
 * broadcast too.
 */
final class BroadcastReceiver<O> extends LogReader<O> implements Broadcast.Receiver<O> {
    /** A sender must not become the writer of a receiver that others keep busy: after so many writes a worker goes on. */
    private static final int WRITES_IN_A_ROW = 64;

    private enum Membership {
        MEMBER,
        LEAVING,
        ENDED
    }

    private enum Write {
        NONE,
        STARTED,
        ANSWERED,
        WAITING
    }

    private final MessageConnection<?, O> connection;
    private final Sending sending;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private Membership membership = Membership.MEMBER;
    private Write write = Write.NONE;
    private boolean tooSlow;

    /** Guarded by the broadcast's lock. */
    private int place;

    BroadcastReceiver(
            Broadcast<O> broadcast, MessageConnection<?, O> connection, WhenFull whenFull, LogEntry position) {
        super(broadcast, whenFull, position);
        this.connection = connection;
        this.sending = connection.sending();
    }

    // ---------------------------------------------------------------- for the application

    @Override
    public void send(O message) throws IOException {
        EncodedMessage encoded = broadcast.encode(message);
        LogEntry entry;
        enter();
        try {
            entry = LogEntry.toOne(encoded, broadcast.last());
            if (membership == Membership.MEMBER) {
                add(entry);
            } else {
                entry.refuse();
            }
        } finally {
            leave();
        }
        advance();
        if (mayBlock() && isPending(entry)) {
            broadcast.awaitTaken(List.of(this), entry);
        }
        enter();
        try {
            if (entry.isRefused()) {
                throw new ConnectionClosedException(
                        "send to " + connection.connection().id()
                                + ", which was removed from the broadcast, or whose connection has ended");
            }
        } finally {
            leave();
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> remove() {
        ByteBuffer bytes;
        enter();
        try {
            bytes = begin();
            if (membership == Membership.MEMBER) {
                membership = Membership.LEAVING;
                stopTaking();
                endIfDone();
            }
        } finally {
            leave();
        }
        // Not before: senders that need not look here would append faster than begin() can take.
        broadcast.forget(this);
        write(bytes);
        return ended.copy();
    }

    @Override
    public CompletionStage<@Nullable Void> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public MessageConnection<?, O> connection() {
        return connection;
    }

    @Override
    public int queued() {
        enter();
        try {
            return queuedNow();
        } finally {
            leave();
        }
    }

    @Override
    public long dropped() {
        enter();
        try {
            return droppedNow();
        } finally {
            leave();
        }
    }

    @Override
    public long coalesced() {
        enter();
        try {
            return coalescedNow();
        } finally {
            leave();
        }
    }

    @Override
    public String toString() {
        enter();
        try {
            return "Receiver[" + connection + ", " + describe()
                    + (membership == Membership.MEMBER ? "]" : ", removed]");
        } finally {
            leave();
        }
    }

    // ---------------------------------------------------------------- for the broadcast

    /** Takes what was sent since, and writes as much as goes without waiting. */
    void advance() {
        ByteBuffer bytes;
        enter();
        try {
            bytes = begin();
        } finally {
            leave();
        }
        write(bytes);
    }

    int place() {
        return place;
    }

    void setPlace(int place) {
        this.place = place;
    }

    // ---------------------------------------------------------------- writing

    /** With the lock: takes what was sent. Returns what is now to be written by the caller, who owns the write. */
    private @Nullable ByteBuffer begin() {
        ByteBuffer bytes = null;
        if (write == Write.NONE) {
            bytes = takeForOneWrite();
            if (bytes != null) {
                write = Write.STARTED;
            }
            endIfDone();
        }
        if (write != Write.NONE) {
            // Otherwise there was nothing, and what has been sent since is for its sender to begin, who looks here
            // next.
            fillQueue();
        }
        return bytes;
    }

    /** Without the lock, by the owner: writes, and goes on with what has come together meanwhile. */
    private void write(@Nullable ByteBuffer first) {
        ByteBuffer bytes = first;
        for (int writes = 0; bytes != null; writes++) {
            if (writes == WRITES_IN_A_ROW) {
                ByteBuffer rest = bytes;
                Threads.executor().execute(() -> write(rest));
                return;
            }
            CompletableFuture<@Nullable Void> written = sending.writeAsync(bytes);
            if (written.isDone()) {
                bytes = settle(Sending.failure(written));
            } else {
                CompletionStage<?> unused = written.whenComplete((done, failure) -> answered(failure));
                bytes = settleIfAnswered();
            }
        }
    }

    private @Nullable ByteBuffer settle(@Nullable Throwable failure) {
        enter();
        try {
            write = Write.NONE;
            if (failure != null) {
                fail(failure);
            }
            return begin();
        } finally {
            leave();
        }
    }

    /** After a write that had to wait: the owner goes on if the answer came before it could leave. */
    private @Nullable ByteBuffer settleIfAnswered() {
        enter();
        try {
            if (write == Write.STARTED) {
                write = Write.WAITING;
                return null;
            }
            write = Write.NONE;
            return begin();
        } finally {
            leave();
        }
    }

    private void answered(@Nullable Throwable failure) {
        ByteBuffer bytes = null;
        enter();
        try {
            if (failure != null) {
                fail(failure);
            }
            if (write == Write.STARTED) {
                write = Write.ANSWERED;
            } else {
                write = Write.NONE;
                bytes = begin();
            }
        } finally {
            leave();
        }
        write(bytes);
    }

    // ---------------------------------------------------------------- ending

    /** The connection has ended, whoever ended it. */
    void onClosed(CloseReason reason) {
        Throwable failure = reason.failure() instanceof Throwable cause ? cause : null;
        enter();
        try {
            if (tooSlow) {
                afterwards(() -> complete(failure));
            } else if (failure == null && write == Write.NONE && isQueueEmpty()) {
                end(() -> complete(null));
            } else {
                fail(failure != null ? failure : new ConnectionClosedException("closed before all was sent"));
            }
        } finally {
            leave();
        }
    }

    @Override
    void disconnect() {
        tooSlow = true;
        end(() -> connection.connection().abort(ErrorCode.ENHANCE_YOUR_CALM));
    }

    @Override
    void fail(Throwable failure) {
        end(() -> complete(failure));
    }

    private void endIfDone() {
        if (membership == Membership.LEAVING && write == Write.NONE && isQueueEmpty()) {
            end(() -> complete(null));
        }
    }

    private void end(Runnable then) {
        if (membership != Membership.ENDED) {
            membership = Membership.ENDED;
            stopTaking();
            dropQueue();
            afterwards(() -> {
                broadcast.forget(this);
                then.run();
            });
        }
    }

    /** What depends on the future is the application's code, and may block. */
    private void complete(@Nullable Throwable failure) {
        Threads.executor().execute(() -> {
            if (failure == null) {
                ended.complete(null);
            } else {
                ended.completeExceptionally(failure);
            }
        });
    }
}
