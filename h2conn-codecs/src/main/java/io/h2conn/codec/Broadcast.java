package io.h2conn.codec;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages to many connections, encoding each message once. Every receiver has a bounded queue of its own, and no
 * thread: a slow one holds up neither the others nor, except under {@link WhenFull#BLOCK}, the sender.
 *
 * <pre>{@code
 * Broadcast<Quote> quotes = Broadcast.builder(QUOTES)
 *         .whenFull(WhenFull.DROP_OLDEST)
 *         .coalesceBy(Quote::symbol)
 *         .build();
 * Broadcast.Receiver<Quote> receiver = quotes.add(connection); // until that ends, or receiver.remove()
 * quotes.send(quote);
 * }</pre>
 *
 * <p><b>Order.</b> Messages have one order, that of the calls of {@code send}, whatever the threads. Every receiver gets
 * those that it gets in this order, except that a message that was coalesced comes where the one that it replaces was
 * queued. A message to one receiver has its place in the order as well.
 *
 * <p><b>Whole messages.</b> A message is dropped before its first byte is written, or not at all.
 *
 * <p><b>Threads.</b> Every method may be called from any thread at any time. No lock is held while anything waits or the
 * application's code runs, with one exception: the equals and hashCode of the keys for coalescing, which must be quick.
 * The application may send on the same connections by other means too: messages never mix.
 *
 * @param <O> the type of the messages
 */
public final class Broadcast<O> {
    private final Codec<O> codec;
    private final Framing framing;
    private final int queueMessages;
    private final long queueBytes;
    private final WhenFull whenFull;
    private final long blockNanos;
    private final @Nullable Function<? super O, ?> coalesceBy;

    /** Guards the end of the log and the set of receivers, for a few instructions each time. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ReceiverSet receivers = new ReceiverSet();
    private volatile LogEntry last = LogEntry.first();

    private final LongAdder dropped = new LongAdder();
    private final LongAdder coalesced = new LongAdder();

    private Broadcast(Builder<O> builder) {
        codec = builder.codec;
        framing = codec.framing();
        queueMessages = builder.queueMessages;
        queueBytes = builder.queueBytes;
        whenFull = builder.whenFull;
        blockNanos = builder.blockNanos;
        coalesceBy = builder.coalesceBy;
    }

    /**
     * Begins to describe a broadcast.
     *
     * @param <O> the type of the messages
     * @param codec what messages look like, for all receivers
     * @return a builder with the defaults
     */
    public static <O> Builder<O> builder(Codec<O> codec) {
        return new Builder<>(codec);
    }

    // ---------------------------------------------------------------- receivers

    /**
     * Adds a receiver, which gets all messages sent from now on. It is removed by itself when its connection ends. A
     * connection that is added twice gets everything twice.
     *
     * @param connection where to send; made with the codec of this broadcast
     * @return the receiver
     * @throws IllegalArgumentException if the connection sends with another codec
     */
    public Receiver<O> add(MessageConnection<?, O> connection) {
        return add(connection, whenFull);
    }

    /**
     * Adds a receiver with a policy of its own. Otherwise as {@link #add(MessageConnection)}.
     *
     * @param connection where to send; made with the codec of this broadcast
     * @param whenFull what to do with a message that does not fit into its queue
     * @return the receiver
     * @throws IllegalArgumentException if the connection sends with another codec
     */
    public Receiver<O> add(MessageConnection<?, O> connection, WhenFull whenFull) {
        if (!codec.equals(connection.outgoing())) {
            throw new IllegalArgumentException(connection.connection().id() + " sends with " + connection.outgoing()
                    + ", which is not the codec of the broadcast, " + codec
                    + "; make the connection with the same codec object");
        }
        Objects.requireNonNull(whenFull, "whenFull");
        BroadcastReceiver<O> receiver;
        lock.lock();
        try {
            receiver = new BroadcastReceiver<>(this, connection, whenFull, last);
            receivers.add(receiver);
        } finally {
            lock.unlock();
        }
        CompletionStage<?> unused = connection.connection().closed().thenAccept(receiver::onClosed);
        return receiver;
    }

    /**
     * Removes all receivers, as {@link Receiver#remove()}: for an orderly goodbye.
     *
     * @return completes when every one of them has got what was queued for it, or has failed; never exceptionally
     */
    public CompletableFuture<@Nullable Void> removeAll() {
        ReceiverSet.Snapshot members = snapshot();
        CompletableFuture<?>[] removed = new CompletableFuture<?>[members.size()];
        for (int i = 0; i < removed.length; i++) {
            removed[i] = members.get(i).remove();
        }
        return CompletableFuture.allOf(removed).handle((done, failure) -> null);
    }

    /**
     * The number of receivers.
     *
     * @return how many were added and neither removed nor have ended
     */
    public int size() {
        lock.lock();
        try {
            return receivers.size();
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- sending

    /**
     * Sends a message to all receivers. Never blocks, except for receivers whose policy is {@link WhenFull#BLOCK}: after
     * all others have got the message, it then waits until those have room, too. A receiver that is removed or ends
     * meanwhile is not waited for.
     *
     * @param message what to send; no longer needed at return
     * @throws MessageTooLargeException if it is larger than the codec's maximum; nothing was sent
     * @throws CodecException if it cannot be encoded; nothing was sent
     * @throws InterruptedIOException if the thread is interrupted while it waits for room; the message is dropped for
     *     those that still have none, and only for them
     * @throws IOException as the codec
     */
    public void send(O message) throws IOException {
        EncodedMessage encoded = encode(message);
        LogEntry entry;
        ReceiverSet.Snapshot members;
        lock.lock();
        try {
            entry = last.append(encoded);
            last = entry;
            members = receivers.snapshot();
        } finally {
            lock.unlock();
        }
        List<BroadcastReceiver<?>> full = new ArrayList<>(0);
        for (int i = 0; i < members.size(); i++) {
            BroadcastReceiver<?> receiver = members.get(i);
            receiver.advance();
            if (receiver.mayBlock() && receiver.isPending(entry)) {
                full.add(receiver);
            }
        }
        if (!full.isEmpty()) {
            awaitTaken(full, entry);
        }
    }

    EncodedMessage encode(O message) throws IOException {
        MessageOutput output = Encoding.encode(codec, framing, codec.maxMessageBytes(), message);
        ByteBuffer encoded = output.toByteBuffer();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        BufferCache.give(output);
        return new EncodedMessage(bytes, coalesceBy == null ? null : coalesceBy.apply(message));
    }

    /** Waits for those that are full. When that takes too long, they do without the message. */
    void awaitTaken(List<? extends BroadcastReceiver<?>> full, LogEntry entry) throws InterruptedIOException {
        long deadline = System.nanoTime() + blockNanos;
        boolean tookAll = false;
        try {
            boolean inTime = true;
            for (BroadcastReceiver<?> receiver : full) {
                inTime &= receiver.awaitTaken(entry, deadline - System.nanoTime());
            }
            tookAll = inTime;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller owns the policy
            throw new InterruptedIOException("interrupted while a receiver had no room for a message");
        } finally {
            if (!tookAll) {
                entry.message.abandon();
                full.forEach(BroadcastReceiver::advance);
            }
        }
    }

    // ---------------------------------------------------------------- facts

    /**
     * Messages that did not get to a receiver because its queue was full, over all receivers and all time. What was queued
     * for a connection that ended is not counted: nobody can tell what of it arrived.
     *
     * @return a count that never goes down
     */
    public long dropped() {
        return dropped.sum();
    }

    /**
     * Messages that were replaced by later ones while they waited, over all receivers and all time.
     *
     * @return a count that never goes down
     */
    public long coalesced() {
        return coalesced.sum();
    }

    @Override
    public String toString() {
        return "Broadcast[" + codec + ", " + size() + " receivers, " + dropped() + " dropped, " + coalesced()
                + " coalesced]";
    }

    // ---------------------------------------------------------------- for the receivers

    /** The end of the log. */
    LogEntry last() {
        return last;
    }

    WaitingMessages newQueue() {
        return new WaitingMessages(queueMessages, queueBytes);
    }

    void countDropped() {
        dropped.increment();
    }

    void countCoalesced() {
        coalesced.increment();
    }

    void forget(BroadcastReceiver<?> receiver) {
        lock.lock();
        try {
            receivers.remove(receiver);
        } finally {
            lock.unlock();
        }
    }

    private ReceiverSet.Snapshot snapshot() {
        lock.lock();
        try {
            return receivers.snapshot();
        } finally {
            lock.unlock();
        }
    }

    /**
     * One connection that gets what is broadcast.
     *
     * @param <O> the type of the messages
     */
    public sealed interface Receiver<O> permits BroadcastReceiver {
        /**
         * Sends a message to this receiver only: after what was broadcast before, and before what is broadcast later. The
         * queue and the policy are the same.
         *
         * @param message what to send; no longer needed at return
         * @throws MessageTooLargeException if it is larger than the codec's maximum; nothing was sent
         * @throws CodecException if it cannot be encoded; nothing was sent
         * @throws io.h2conn.ConnectionClosedException if this receiver has ended or was removed
         * @throws InterruptedIOException if the thread is interrupted while it waits for room; the message is dropped
         * @throws IOException as the codec
         */
        void send(O message) throws IOException;

        /**
         * Takes this receiver out of the broadcast. What is queued is still sent. The connection stays open: to close it
         * behind the last message, wait for the result first. Removing it again changes nothing.
         *
         * @return as {@link #ended()}
         */
        CompletableFuture<@Nullable Void> remove();

        /**
         * Reports that this receiver gets nothing more: because it was removed and all that was queued has been accepted by
         * its connection, or because the connection has ended in an orderly way with nothing queued.
         *
         * @return completes once; fails if the connection failed or was closed first, if it was aborted under
         *     {@link WhenFull#DISCONNECT}, or if a write to it failed, for one at the connection's write timeout. Then the
         *     connection may be open still: what to do with it is for the application. Dependents run on the library's own
         *     threads and may block
         */
        CompletionStage<@Nullable Void> ended();

        /**
         * The connection that messages go to.
         *
         * @return what was added
         */
        MessageConnection<?, O> connection();

        /**
         * How many messages wait, not counting those that are being written.
         *
         * @return at most {@link Builder#queueMessages}
         */
        int queued();

        /**
         * Messages that this receiver did not get because its queue was full.
         *
         * @return a count that never goes down
         */
        long dropped();

        /**
         * Messages to this receiver that were replaced by later ones while they waited.
         *
         * @return a count that never goes down
         */
        long coalesced();
    }

    /**
     * Describes a broadcast. Not safe for several threads at once.
     *
     * @param <O> the type of the messages
     */
    public static final class Builder<O> {
        /** Messages. The bound on a receiver's queue unless told otherwise. */
        public static final int DEFAULT_QUEUE_MESSAGES = 256;

        /** Bytes. The bound on a receiver's queue unless told otherwise. */
        public static final long DEFAULT_QUEUE_BYTES = 1024 * 1024;

        private final Codec<O> codec;
        private int queueMessages = DEFAULT_QUEUE_MESSAGES;
        private long queueBytes = DEFAULT_QUEUE_BYTES;
        private WhenFull whenFull = WhenFull.DISCONNECT;
        private long blockNanos = Long.MAX_VALUE;
        private @Nullable Function<? super O, ?> coalesceBy;

        private Builder(Codec<O> codec) {
            this.codec = Objects.requireNonNull(codec, "codec");
        }

        /**
         * Bounds how many messages wait for each receiver, in addition to what its connection has accepted.
         *
         * @param messages at least 1; {@value #DEFAULT_QUEUE_MESSAGES} by default
         * @return this builder
         * @throws IllegalArgumentException if {@code messages} is less than 1
         */
        public Builder<O> queueMessages(int messages) {
            queueMessages = (int) atLeastOne("queueMessages", messages);
            return this;
        }

        /**
         * Bounds how many bytes wait for each receiver. A message larger than this has room when no other waits. Bytes are
         * shared by all receivers for which the message waits.
         *
         * @param bytes at least 1; {@value #DEFAULT_QUEUE_BYTES} by default
         * @return this builder
         * @throws IllegalArgumentException if {@code bytes} is less than 1
         */
        public Builder<O> queueBytes(long bytes) {
            queueBytes = atLeastOne("queueBytes", bytes);
            return this;
        }

        private static long atLeastOne(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1 but was " + value);
            }
            return value;
        }

        /**
         * Chooses what happens to a message for a receiver whose queue is full.
         *
         * @param policy {@link WhenFull#DISCONNECT} by default
         * @return this builder
         */
        public Builder<O> whenFull(WhenFull policy) {
            whenFull = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Limits how long a {@code send} waits under {@link WhenFull#BLOCK}. Then the message is dropped, and counted, for
         * the receivers that still have no room.
         *
         * @param limit zero for no limit, the default
         * @return this builder
         * @throws IllegalArgumentException if {@code limit} is negative
         */
        public Builder<O> blockAtMost(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("blockAtMost must not be negative but was " + limit);
            }
            blockNanos = CallOptions.nanos(limit);
            return this;
        }

        /**
         * Lets a new message replace the one with an equal key that waits, in its place in the queue: a slow receiver gets
         * fewer messages, each the newest of its key, and no key waits longer because another changes often.
         *
         * @param key the key of a message, {@code null} for one that neither replaces nor is replaced; compared by equals
         *     and hashCode, under a lock; a receiver for which these throw ends with what they threw. It throws in
         *     {@code send} if it throws, and nothing is sent
         * @return this builder
         */
        public Builder<O> coalesceBy(Function<? super O, ? extends @Nullable Object> key) {
            coalesceBy = Objects.requireNonNull(key, "key");
            return this;
        }

        /**
         * Makes the broadcast.
         *
         * @return a broadcast without receivers
         */
        public Broadcast<O> build() {
            return new Broadcast<>(this);
        }
    }
}
