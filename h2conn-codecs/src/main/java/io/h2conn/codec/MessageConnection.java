package io.h2conn.codec;

import io.h2conn.DuplexConnection;
import io.h2conn.internal.PendingExceptions;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DuplexConnection} that carries typed messages.
 *
 * <pre>{@code
 * MessageConnection<Order, Receipt> orders =
 *         MessageConnection.of(connection, JsonCodec.of(Order.class), JsonCodec.of(Receipt.class));
 * for (Order order : orders) {
 *     orders.send(process(order));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Any number of threads may send and receive: messages never mix, and each is received once. Deadlines
 * and timeouts are those of the {@link #connection()}; one that passes loses nothing, in either direction.
 *
 * <p><b>Size.</b> No message may be larger than its codec's {@link Codec#maxMessageBytes()}, so that a peer cannot make
 * this side use more memory than that.
 *
 * <p><b>Malformed messages.</b> One that cannot be decoded, or is too large, is a {@link CodecException}, and costs
 * nothing else: the next one is received as if it had not been there.
 *
 * <p>From here on the input of the connection belongs to this object, which may read ahead of the message it returns. What
 * is written to the connection by other means must not come between messages either, unless it is one.
 *
 * @param <I> what comes in
 * @param <O> what goes out
 */
public final class MessageConnection<I, O> implements Iterable<I>, Closeable {
    private static final Duration MIN_KEEP_ALIVE = Duration.ofMillis(10);

    private final DuplexConnection connection;
    private final Codec<O> outgoing;
    private final Framing framing;
    private final int maxSentBytes;
    private final Receiving<I> receiving;
    private final Sending sending;
    private final AtomicBoolean asyncSend = new AtomicBoolean();
    private final AtomicReference<@Nullable KeepAlive> keepAlive = new AtomicReference<>();

    private MessageConnection(DuplexConnection connection, Codec<I> incoming, Codec<O> outgoing) {
        this.connection = Objects.requireNonNull(connection, "connection");
        this.outgoing = outgoing;
        this.framing = outgoing.framing();
        this.maxSentBytes = ResizedCodec.checked(outgoing.maxMessageBytes());
        this.receiving = new Receiving<>(connection, incoming);
        this.sending = new Sending(connection);
    }

    /**
     * Puts messages of one type on a connection.
     *
     * @param <T> what comes in and goes out
     * @param connection the connection; its input belongs to the result from now on
     * @param codec what messages look like, in both directions
     * @return the message connection
     */
    public static <T> MessageConnection<T, T> of(DuplexConnection connection, Codec<T> codec) {
        return of(connection, codec, codec);
    }

    /**
     * Puts messages on a connection, of one type in each direction.
     *
     * @param <I> what comes in
     * @param <O> what goes out
     * @param connection the connection; its input belongs to the result from now on
     * @param incoming what messages look like that come in
     * @param outgoing what messages look like that go out
     * @return the message connection
     */
    public static <I, O> MessageConnection<I, O> of(DuplexConnection connection, Codec<I> incoming, Codec<O> outgoing) {
        return new MessageConnection<>(connection, incoming, outgoing);
    }

    // ---------------------------------------------------------------- sending

    /**
     * Sends one message. Blocks, as {@link DuplexConnection#write(ByteBuffer)}, while the send buffer is full.
     *
     * <p>A call that ends by timeout or interrupt says how many bytes were accepted. If none were, the message is not
     * sent. Otherwise it is on its way: what is left of it goes first in the next {@code send} or {@code closeOutput}.
     *
     * @param message what to send; no longer needed at return
     * @throws MessageTooLargeException if it is larger than the maximum; nothing was sent
     * @throws CodecException if it cannot be encoded; nothing was sent
     * @throws IOException as {@link DuplexConnection#write(ByteBuffer)}
     */
    public void send(O message) throws IOException {
        send(encode(message));
    }

    /**
     * Sends several messages in one write: contiguous, whatever other threads send, and in few frames. All of them are
     * encoded first, and held in memory together.
     *
     * @param messages what to send, in this order
     * @throws MessageTooLargeException if one of them is larger than the maximum; nothing was sent
     * @throws CodecException if one of them cannot be encoded, or they are larger than 2 GiB together; nothing was sent
     * @throws IOException as {@link #send}
     */
    public void sendAll(Iterable<? extends O> messages) throws IOException {
        Iterator<? extends O> next = messages.iterator();
        if (!next.hasNext()) {
            return;
        }
        send(Encoding.encodeAll(outgoing, framing, maxSentBytes, next));
    }

    private void send(MessageOutput output) throws IOException {
        sending.write(output.toByteBuffer());
        // Only if all of it was taken: what a timeout leaves over is still needed.
        BufferCache.give(output);
    }

    /**
     * Sends one message without blocking. Only one such send may wait at a time: waiting for it is how the caller honours
     * the peer's pace. Blocking sends may go on meanwhile. Cancelling the future does not take the message back.
     *
     * @param message what to send; no longer needed at return
     * @return completes when the message is accepted, which is at once if the send buffer has room; fails as
     *     {@link #send}. Dependents run where those of {@link DuplexConnection#writeAsync} do, or on the library's own
     *     threads if another send had to come first
     * @throws java.nio.channels.WritePendingException if another asynchronous send waits; nothing was sent
     */
    public CompletableFuture<@Nullable Void> sendAsync(O message) {
        MessageOutput output;
        try {
            output = encode(message);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (!asyncSend.compareAndSet(false, true)) {
            BufferCache.give(output);
            throw PendingExceptions.write(
                    "another asynchronous send on " + connection.id() + " waits for room; wait for its result first");
        }
        return sending.writeAsync(output.toByteBuffer(), failure -> {
            asyncSend.set(false);
            if (failure == null) {
                BufferCache.give(output);
            }
        });
    }

    private MessageOutput encode(O message) throws IOException {
        return Encoding.encode(outgoing, framing, maxSentBytes, message);
    }

    /** For what sends the same bytes to many connections: what these bytes must look like. */
    Codec<O> outgoing() {
        return outgoing;
    }

    /** For what sends the same bytes to many connections. */
    Sending sending() {
        return sending;
    }

    /**
     * Sends a few bytes that mean nothing to the peer whenever nothing else was sent for a while: for JSON a blank line. For
     * connections through proxies and load balancers that end a stream on which no data passes: the heartbeats of the TCP
     * connection ({@code heartbeat} of client and server) go only as far as the next one of those. Holds no thread. Ends with
     * the output.
     *
     * @param interval zero turns it off, as it is by default; the first bytes go after one to two intervals of quiet
     * @throws IllegalArgumentException if {@code interval} is negative, or shorter than 10 milliseconds
     * @throws UnsupportedOperationException if the framing of the outgoing codec has no bytes that mean nothing
     */
    public void keepAlive(Duration interval) {
        if (interval.isNegative() || (!interval.isZero() && interval.compareTo(MIN_KEEP_ALIVE) < 0)) {
            throw new IllegalArgumentException(
                    "the interval must be at least 10 ms, or zero for none, but was " + interval);
        }
        byte[] bytes = framing.keepAlive();
        if (bytes.length == 0 && !interval.isZero()) {
            throw new UnsupportedOperationException("the framing of " + outgoing
                    + " has no bytes that mean nothing; use JSON, or a message of your own");
        }
        KeepAlive begun = interval.isZero() ? null : new KeepAlive(sending, bytes, interval.toNanos());
        KeepAlive before = keepAlive.getAndSet(begun);
        if (before != null) {
            before.stop();
        }
        if (begun != null) {
            begun.start();
        }
    }

    // ---------------------------------------------------------------- receiving

    /**
     * Receives one message, waiting for it if need be. A call that ends by timeout or interrupt keeps what has arrived:
     * the next one goes on from there.
     *
     * @return the message, or {@code null}, now and ever after, when the peer has ended its half after its last message
     * @throws EOFException if the peer has ended its half inside a message
     * @throws MessageTooLargeException if a message is larger than the maximum; the next call skips it
     * @throws CodecException if a message cannot be decoded; it is passed over, and the next call returns the next one
     * @throws IOException as {@link DuplexConnection#read}
     * @throws IllegalStateException if the messages were given to a listener
     */
    public @Nullable I receive() throws IOException {
        return receiving.receive();
    }

    /**
     * Receives one message without holding a thread. Cancelling the future, or completing it by a timeout of its own,
     * loses nothing: the message goes to the next receive. Only one such receive may wait at a time.
     *
     * @return completes with a message, or with {@code null} at the end; fails as {@link #receive}. Dependents run where
     *     those of {@link DuplexConnection#readAsync} do, or on the calling thread if a message is there already
     * @throws java.nio.channels.ReadPendingException if another asynchronous receive, or a subscriber, waits
     * @throws IllegalStateException if the messages were given to a listener
     */
    public CompletableFuture<@Nullable I> receiveAsync() {
        return receiving.receiveAsync();
    }

    /**
     * Gives all messages to a listener as they arrive, from now to the end, holding no thread in between. Receiving by
     * other means fails from now on. Messages that were read ahead are given on the calling thread, before this returns;
     * later ones where {@link DuplexConnection#listen} runs its listener, or on the thread that completed the stage of the
     * message before.
     *
     * @param listener takes the messages; never twice at the same time
     * @return completes when the peer's end has been reached, after the last message was taken; fails as {@link #receive},
     *     or with what the listener threw. It does not close the connection
     * @throws IllegalStateException if there is a listener already, or a receive is under way
     */
    public CompletableFuture<@Nullable Void> listen(MessageListener<? super I> listener) {
        return receiving.listen(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * The messages as a reactive stream with one subscriber at a time. Its demand is honoured down to the wire: nothing is
     * read that was not asked for, apart from the rest of what arrived with it, and the peer can send no more than the
     * flow-control window.
     *
     * <p>Cancelling loses nothing: whoever receives or subscribes next goes on with the next message. A message that
     * cannot be decoded ends the subscription with {@code onError}; the next subscriber goes on after it. Signals come
     * where {@link #receiveAsync()} completes; a subscriber must not block in one of them to receive more.
     *
     * @return the publisher
     */
    public Flow.Publisher<I> publisher() {
        return new MessagePublisher<>(receiving);
    }

    /**
     * The messages for a {@code for} loop; {@code hasNext} waits for the next one. Leaving the loop loses nothing: another
     * one goes on with the next message.
     *
     * @return an iterator that throws {@link UncheckedIOException} where {@link #receive} throws; after one about a
     *     malformed message, going on continues with the message after it
     */
    @Override
    public Iterator<I> iterator() {
        return new Iterator<>() {
            private @Nullable I fetched;

            @Override
            public boolean hasNext() {
                if (fetched == null) {
                    try {
                        fetched = receive();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return fetched != null;
            }

            @Override
            public I next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the peer has ended its half");
                }
                I message = Objects.requireNonNull(fetched);
                fetched = null;
                return message;
            }
        };
    }

    /**
     * The messages as a sequential stream. Closing it discards what the peer still sends, as closing
     * {@link DuplexConnection#input()}; it leaves the connection open for sending.
     *
     * @return a stream that throws {@link UncheckedIOException} where {@link #receive} throws
     */
    public Stream<I> stream() {
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED | Spliterator.NONNULL),
                        false)
                .onClose(() -> {
                    try {
                        connection.input().close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    // ---------------------------------------------------------------- the connection

    /**
     * The connection beneath: for deadlines, facts, attributes and {@code abort}. Its input belongs to this object.
     *
     * @return the connection
     */
    public DuplexConnection connection() {
        return connection;
    }

    /**
     * Ends this side's half after the last message sent. Receiving goes on. Blocks only if part of a message is left over
     * from a send that timed out.
     *
     * @throws IOException as {@link DuplexConnection#closeOutput()} and {@link DuplexConnection#write(ByteBuffer)}
     */
    public void closeOutput() throws IOException {
        sending.end();
    }

    /**
     * Closes the connection, as {@link DuplexConnection#close()}. If part of a message is left over from a send that timed
     * out, the connection is aborted instead, so that the peer does not take it for an orderly end.
     *
     * @throws IOException as {@link DuplexConnection#close()}
     */
    @Override
    public void close() throws IOException {
        if (sending.isCut()) {
            connection.abort();
        }
        connection.close();
    }

    @Override
    public String toString() {
        return "MessageConnection[" + connection + "]";
    }
}
