package io.h2conn.codec;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver reads: how far it has come in the log of its broadcast, what it took from there and waits to be written, and
 * who waits for it to take more.
 *
 * <p>All fields are guarded by the lock, under which nothing is called but the equals and hashCode of the application's keys.
 * Those of the subclass are, too: it is one object, since with many receivers a visit costs what there is to touch.
 */
abstract sealed class LogReader<O> permits BroadcastReceiver {
    final Broadcast<O> broadcast;
    private final WhenFull whenFull;

    private final ReentrantLock lock = new ReentrantLock();
    /** Something was taken, or nothing will be any more. */
    private final Condition taken = lock.newCondition();

    /** Where this receiver is in the log: the last entry that it has looked at. Nowhere once it takes nothing more. */
    private @Nullable LogEntry position;
    /** Messages for this receiver only that were not looked at, each with the entry that it comes after. */
    private @Nullable ArrayDeque<LogEntry> toOne;
    /** Made, as the one above, when it is needed. */
    private @Nullable WaitingMessages queue;

    private long dropped;
    private long coalesced;
    /** What to do without the lock. */
    private @Nullable Runnable afterwards;

    LogReader(Broadcast<O> broadcast, WhenFull whenFull, LogEntry position) {
        this.broadcast = broadcast;
        this.whenFull = whenFull;
        this.position = position;
    }

    /** The queue is full, and the policy is to end the connection. With the lock. */
    abstract void disconnect();

    /** It is impossible to take the next message. With the lock. */
    abstract void fail(Throwable failure);

    // ---------------------------------------------------------------- the lock

    final void enter() {
        lock.lock();
    }

    /** The only way out of the lock: does what was decided under it. */
    final void leave() {
        Runnable decided = afterwards;
        afterwards = null;
        lock.unlock();
        if (decided != null) {
            decided.run();
        }
    }

    /** Decides what to do without the lock; at most one thing each time. */
    final void afterwards(Runnable decided) {
        afterwards = decided;
    }

    // ---------------------------------------------------------------- without the lock

    final boolean mayBlock() {
        return whenFull == WhenFull.BLOCK;
    }

    /** Whether the receiver will take the entry and has not yet. */
    final boolean isPending(LogEntry entry) {
        enter();
        try {
            return willTake(entry);
        } finally {
            leave();
        }
    }

    /** Waits until the entry is taken, or will not be. Returns false when the time is up. */
    final boolean awaitTaken(LogEntry entry, long nanos) throws InterruptedException {
        long left = nanos;
        enter();
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

    // ---------------------------------------------------------------- facts, with the lock

    final int queuedNow() {
        return queue == null ? 0 : queue.size();
    }

    final long droppedNow() {
        return dropped;
    }

    final long coalescedNow() {
        return coalesced;
    }

    final String describe() {
        return (queue == null ? "nothing" : queue) + " queued, " + dropped + " dropped, " + coalesced + " coalesced";
    }

    // ---------------------------------------------------------------- taking, with the lock

    /** Adds a message for this receiver only. */
    final void add(LogEntry entry) {
        if (toOne == null) {
            toOne = new ArrayDeque<>(1);
        }
        toOne.add(entry);
    }

    final boolean isQueueEmpty() {
        return queue == null || queue.isEmpty();
    }

    /** Takes what is to be written next, or nothing if nothing was sent. */
    final @Nullable ByteBuffer takeForOneWrite() {
        WaitingMessages waiting = queue;
        if (waiting != null && !waiting.isEmpty()) {
            return waiting.removeForOneWrite();
        }
        LogEntry next = next();
        if (next == null) {
            return null;
        }
        pass(next);
        return next.message.view();
    }

    /** Takes what was sent, as far as the queue has room or makes room. */
    final void fillQueue() {
        LogEntry next = next();
        try {
            while (next != null && enqueue(next.message)) {
                pass(next);
                next = next();
            }
        } catch (Throwable t) {
            fail(t); // keys that cannot be compared: whatever was to be done by this thread must go on
        }
    }

    /** Takes nothing more from the log. What is in the queue stays. */
    final void stopTaking() {
        position = null;
        if (toOne != null) {
            toOne.forEach(LogEntry::refuse);
            toOne = null;
        }
        taken.signalAll();
    }

    final void dropQueue() {
        queue = null;
    }

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

    /** Queues a message or drops one. Returns false if neither is allowed. */
    private boolean enqueue(EncodedMessage message) {
        WaitingMessages waiting = queue();
        while (!waiting.hasRoomFor(message)) {
            switch (whenFull) {
                case BLOCK -> {
                    return false;
                }
                case DROP_NEWEST -> {
                    countDropped();
                    return true;
                }
                case DROP_OLDEST -> {
                    waiting.removeOldest();
                    countDropped();
                }
                case DISCONNECT -> {
                    disconnect();
                    return false;
                }
            }
        }
        if (waiting.put(message)) {
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

    private void countDropped() {
        dropped++;
        broadcast.countDropped();
    }
}
