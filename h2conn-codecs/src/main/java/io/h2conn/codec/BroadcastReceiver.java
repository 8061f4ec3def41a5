package io.h2conn.codec;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One receiver: how far it has come in the log, what it took from there and waits, and the one write under way.
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
 * <p>All fields are guarded by the lock, under which nothing is called but the equals and hashCode of the application's keys.
 * No thread ever has the locks of two receivers, or that of the broadcast too.
 */
final class BroadcastReceiver<O> implements Broadcast.Receiver<O> {
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

    private final Broadcast<O> broadcast;
    private final MessageConnection<?, O> connection;
    private final Sending sending;
    private final WhenFull whenFull;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** Something was taken, or nothing will be any more. */
    private final Condition taken = lock.newCondition();

    private Membership membership = Membership.MEMBER;
    private Write write = Write.NONE;
    /** Where this receiver is in the log: the last entry that it has looked at. Nowhere once it has left. */
    private @Nullable LogEntry position;
    /** Messages for this receiver only that were not looked at, each with the entry that it comes after. */
    private @Nullable ArrayDeque<LogEntry> toOne;
    /** Made, as the one above, when it is needed: with many receivers a visit costs what there is to touch. */
    private @Nullable WaitingMessages queue;

    private long dropped;
    private long coalesced;
    private boolean tooSlow;
    /** What to do without the lock. */
    private @Nullable Runnable afterwards;

    /** Guarded by the broadcast's lock. */
    private int place;

    BroadcastReceiver(
            Broadcast<O> broadcast, MessageConnection<?, O> connection, WhenFull whenFull, LogEntry position) {
        this.broadcast = broadcast;
        this.connection = connection;
        this.sending = connection.sending();
        this.whenFull = whenFull;
        this.position = position;
    }

    // ---------------------------------------------------------------- for the application

    @Override
    public void send(O message) throws IOException {
        EncodedMessage encoded = broadcast.encode(message);
        LogEntry entry;
        lock.lock();
        try {
            entry = LogEntry.toOne(encoded, broadcast.last());
            if (membership == Membership.MEMBER) {
                if (toOne == null) {
                    toOne = new ArrayDeque<>(1);
                }
                toOne.add(entry);
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
        lock.lock();
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
        lock.lock();
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
        lock.lock();
        try {
            return queue == null ? 0 : queue.size();
        } finally {
            leave();
        }
    }

    @Override
    public long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            leave();
        }
    }

    @Override
    public long coalesced() {
        lock.lock();
        try {
            return coalesced;
        } finally {
            leave();
        }
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            return "Receiver[" + connection + ", " + (queue == null ? "nothing" : queue) + " queued, " + dropped
                    + " dropped, " + coalesced + " coalesced" + (membership == Membership.MEMBER ? "]" : ", removed]");
        } finally {
            leave();
        }
    }

    // ---------------------------------------------------------------- for the broadcast

    /** Takes what was sent since, and writes as much as goes without waiting. */
    void advance() {
        ByteBuffer bytes;
        lock.lock();
        try {
            bytes = begin();
        } finally {
            leave();
        }
        write(bytes);
    }

    boolean mayBlock() {
        return whenFull == WhenFull.BLOCK;
    }

    /** Whether the receiver will take the entry and has not yet. */
    boolean isPending(LogEntry entry) {
        lock.lock();
        try {
            return willTake(entry);
        } finally {
            leave();
        }
    }

    /** Waits until the entry is taken, or will not be. Returns false when the time is up. */
    boolean awaitTaken(LogEntry entry, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (willTake(entry)) {
                if (left <= 0) {
                    return false;
                }
                left = taken.awaitNanos(left);
            }
            return true;
        } finally {
            leave();
        }
    }

    int place() {
        return place;
    }

    void setPlace(int place) {
        this.place = place;
    }

    // ---------------------------------------------------------------- taking, with the lock

    private boolean willTake(LogEntry entry) {
        if (entry.after != null) {
            return toOne != null && toOne.contains(entry);
        }
        LogEntry last = position;
        return last != null && last.number < entry.number;
    }

    /** The entry that comes next, if it was sent already. */
    private @Nullable LogEntry next() {
        LogEntry next = peek();
        while (next != null && next.message.isAbandoned()) {
            pass(next);
            countDropped();
            next = peek();
        }
        return next;
    }

    private @Nullable LogEntry peek() {
        LogEntry first = toOne == null ? null : toOne.peek();
        if (first != null && first.after == position) {
            return first;
        }
        return position == null ? null : position.next();
    }

    private void pass(LogEntry entry) {
        if (entry.after == null) {
            position = entry;
        } else {
            Objects.requireNonNull(toOne).remove();
        }
        if (mayBlock()) {
            taken.signalAll();
        }
    }

    /** Takes what was sent, as far as the queue has room or makes room. */
    private void fillQueue() {
        LogEntry next = next();
        while (next != null && enqueue(next.message)) {
            pass(next);
            next = next();
        }
    }

    /** Queues a message or drops one. Returns false if neither is allowed. */
    private boolean enqueue(EncodedMessage message) {
        WaitingMessages queue = queue();
        while (!queue.hasRoomFor(message)) {
            switch (whenFull) {
                case BLOCK -> {
                    return false;
                }
                case DROP_NEWEST -> {
                    countDropped();
                    return true;
                }
                case DROP_OLDEST -> {
                    queue.removeOldest();
                    countDropped();
                }
                case DISCONNECT -> {
                    disconnect();
                    return false;
                }
            }
        }
        if (queue.put(message)) {
            coalesced++;
            broadcast.countCoalesced();
        }
        return true;
    }

    private WaitingMessages queue() {
        WaitingMessages made = queue;
        if (made == null) {
            made = broadcast.newQueue();
            queue = made;
        }
        return made;
    }

    private boolean isQueueEmpty() {
        return queue == null || queue.isEmpty();
    }

    private void countDropped() {
        dropped++;
        broadcast.countDropped();
    }

    // ---------------------------------------------------------------- writing

    /** With the lock: takes what was sent. Returns what is now to be written by the caller, who owns the write. */
    private @Nullable ByteBuffer begin() {
        ByteBuffer bytes = null;
        if (write == Write.NONE) {
            bytes = queue == null || queue.isEmpty() ? takeNext() : queue.removeForOneWrite();
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

    private @Nullable ByteBuffer takeNext() {
        LogEntry next = next();
        if (next == null) {
            return null;
        }
        pass(next);
        return next.message.view();
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
        lock.lock();
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
        lock.lock();
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
        lock.lock();
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
        lock.lock();
        try {
            if (tooSlow) {
                afterwards = () -> complete(failure);
            } else if (failure == null && write == Write.NONE && isQueueEmpty()) {
                end(() -> complete(null));
            } else {
                fail(failure != null ? failure : new ConnectionClosedException("closed before all was sent"));
            }
        } finally {
            leave();
        }
    }

    private void disconnect() {
        tooSlow = true;
        end(() -> connection.connection().abort(ErrorCode.ENHANCE_YOUR_CALM));
    }

    private void fail(Throwable failure) {
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
            queue = null;
            afterwards = () -> {
                broadcast.forget(this);
                then.run();
            };
        }
    }

    private void stopTaking() {
        position = null;
        if (toOne != null) {
            toOne.forEach(LogEntry::refuse);
            toOne = null;
        }
        taken.signalAll();
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

    /** The only way out of the lock: does what was decided under it. */
    private void leave() {
        Runnable decided = afterwards;
        afterwards = null;
        lock.unlock();
        if (decided != null) {
            decided.run();
        }
    }
}
