package io.h2conn.codec;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionFailure;
import io.h2conn.DuplexConnection;
import io.h2conn.internal.Threads;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Requests and their replies on one connection. Either side may call the other, any number of times at once; replies come in
 * the order in which they are ready.
 *
 * <pre>{@code
 * Calls.over(connection, orders, receipts, CallHandler.blocking((order, caller) -> process(order))); // one side answers
 *
 * Calls<Order, Receipt> calls = Calls.over(connection, orders, receipts); // the other calls
 * Receipt receipt = calls.call(order, Duration.ofSeconds(1));
 * }</pre>
 *
 * <p><b>Threads.</b> Any number of threads may call. No thread is held while a call of either side is in progress, unless it
 * waits in {@link #call} or in a blocking handler.
 *
 * <p><b>Limits.</b> {@link CallOptions} bounds the calls in progress, the codecs' {@link Codec#maxMessageBytes()} the size of
 * each message. A request beyond a limit is refused, and reading goes on: if it stopped, the replies behind that request could
 * not be read, and two sides that wait for each other's would wait for ever.
 *
 * <p><b>Failures</b> of one call leave the others and the connection alone. When the connection fails, or the peer ends its
 * half, every call that waits fails at once. A message that cannot be sent, or that is not one of calls at all, ends the
 * connection.
 *
 * <p>The connection belongs to this object. Its deadlines do not apply to receiving; a write deadline that passes ends it.
 *
 * @param <Q> the type of the requests, in both directions
 * @param <A> the type of the replies, in both directions
 */
public final class Calls<Q, A> implements Closeable {
    private final DuplexConnection connection;
    private final CallOptions options;
    final OwnCalls<Q, A> ownCalls;
    final PeerCalls<Q, A> peerCalls;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private final AtomicBoolean closing = new AtomicBoolean();

    private Calls(
            DuplexConnection connection,
            Codec<Q> requests,
            Codec<A> replies,
            @Nullable CallHandler<Q, A> handler,
            CallOptions options) {
        this.connection = connection;
        this.options = options;
        CallOutput output = new CallOutput(connection);
        this.ownCalls = new OwnCalls<>(this, requests, output, options.maxCalls());
        this.peerCalls = new PeerCalls<>(this, handler, replies, output, options.maxPeerCalls());
    }

    /**
     * Puts calls on a connection, for a side that answers none: the peer's get {@link CallException.Reason#NOT_SUPPORTED}.
     *
     * @param <Q> the type of the requests
     * @param <A> the type of the replies
     * @param connection the connection; it belongs to the result from now on
     * @param requests what requests look like; its framing does not matter
     * @param replies what replies look like; its framing does not matter
     * @return the calls
     */
    public static <Q, A> Calls<Q, A> over(DuplexConnection connection, Codec<Q> requests, Codec<A> replies) {
        return over(connection, requests, replies, null, CallOptions.defaults());
    }

    /**
     * Puts calls on a connection.
     *
     * @param <Q> the type of the requests
     * @param <A> the type of the replies
     * @param connection the connection; it belongs to the result from now on
     * @param requests what requests look like; its framing does not matter
     * @param replies what replies look like; its framing does not matter
     * @param handler answers the peer's requests, from now on
     * @return the calls
     */
    public static <Q, A> Calls<Q, A> over(
            DuplexConnection connection, Codec<Q> requests, Codec<A> replies, CallHandler<Q, A> handler) {
        return over(connection, requests, replies, handler, CallOptions.defaults());
    }

    /**
     * Puts calls on a connection, with limits of the application's own.
     *
     * @param <Q> the type of the requests
     * @param <A> the type of the replies
     * @param connection the connection; it belongs to the result from now on
     * @param requests what requests look like; its framing does not matter
     * @param replies what replies look like; its framing does not matter
     * @param handler answers the peer's requests, from now on; {@code null} if this side answers none
     * @param options timeout and limits
     * @return the calls
     */
    public static <Q, A> Calls<Q, A> over(
            DuplexConnection connection,
            Codec<Q> requests,
            Codec<A> replies,
            @Nullable CallHandler<Q, A> handler,
            CallOptions options) {
        Calls<Q, A> calls = new Calls<>(connection, requests, replies, handler, options);
        CallInput<Q, A> input = new CallInput<>(requests, replies, calls.peerCalls, calls.ownCalls);
        CompletionStage<?> unusedEnd = new Feed<>(connection, input.inbox(), input)
                .start()
                .whenComplete((ended, failure) -> calls.onInputEnd(failure));
        CompletionStage<?> unusedReason = connection.closed().thenAccept(reason -> {
            ConnectionFailure failure = reason.failure();
            if (failure != null) {
                calls.fail(failure.asException());
            }
        });
        return calls;
    }

    // ---------------------------------------------------------------- calling

    /**
     * Calls the peer and waits for its reply, at most the {@link CallOptions#timeout}. Otherwise as
     * {@link #call(Object, Duration)}.
     *
     * @param request the request
     * @return the reply
     * @throws IOException as {@link #call(Object, Duration)}
     */
    public A call(Q request) throws IOException {
        return call(request, options.timeout());
    }

    /**
     * Calls the peer and waits for its reply. Waits also while {@link CallOptions#maxCalls} are in progress. When it does not
     * wait to the end, the peer is told to cancel; whether the request was handled is not known then.
     *
     * @param request the request; no longer needed at return
     * @param timeout how long to wait at most; zero for no limit
     * @return the reply
     * @throws CallException if the peer does not answer, and says why
     * @throws CallTimeoutException at the timeout
     * @throws CodecException if the request cannot be encoded, and nothing was sent; or the reply cannot be decoded
     * @throws EOFException if the peer has ended its half, before or during the call
     * @throws ConnectionClosedException if this side has closed the connection, before or during the call
     * @throws InterruptedIOException if the thread is interrupted while it waits
     * @throws IOException if the connection fails, before or during the call: its failure
     */
    public A call(Q request, Duration timeout) throws IOException {
        return ownCalls.call(request, timeout);
    }

    /**
     * Calls the peer without waiting, with the {@link CallOptions#timeout}. Otherwise as {@link #callAsync(Object, Duration)}.
     *
     * @param request the request
     * @return the reply
     */
    public CompletableFuture<A> callAsync(Q request) {
        return callAsync(request, options.timeout());
    }

    /**
     * Calls the peer without waiting. Cancelling the future, or completing it otherwise, tells the peer to cancel.
     *
     * @param request the request; no longer needed at return
     * @param timeout how long the reply may take; zero for no limit
     * @return completes with the reply; fails as {@link #call(Object, Duration)}, and with {@link CallException.Reason#BUSY} if
     *     {@link CallOptions#maxCalls} are in progress. What depends on it runs where messages are received, and must not
     *     block there: no reply to any call is received meanwhile
     */
    public CompletableFuture<A> callAsync(Q request, Duration timeout) {
        return ownCalls.callAsync(request, timeout);
    }

    /**
     * Counts the replies that nobody waited for: late ones, after a timeout or a cancellation, and any that the peer made up.
     *
     * @return how many were dropped so far
     */
    public long droppedReplies() {
        return ownCalls.unexpectedReplies();
    }

    // ---------------------------------------------------------------- the connection

    /**
     * The connection beneath: for facts, attributes, {@code closed()}, and {@code abort} to end all calls at once.
     *
     * @return the connection; reading and writing is up to this object
     */
    public DuplexConnection connection() {
        return connection;
    }

    /**
     * Ends in an orderly way: no call of either side begins any more, those in progress finish, then the connection is closed.
     * Waits for that, at most the {@link CallOptions#timeout}; what has not finished by then fails. The peer's calls that cross
     * this get {@link CallException.Reason#CLOSING}. Not for handlers: a blocking one would wait for itself.
     *
     * @throws InterruptedIOException if interrupted while waiting; closing goes on
     * @throws IOException as {@link DuplexConnection#close()}
     */
    @Override
    public void close() throws IOException {
        try {
            closeAsync().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller owns the policy
            throw new InterruptedIOException("interrupted while closing; it goes on in the background");
        } catch (ExecutionException e) {
            throw CallFailures.of(e);
        }
    }

    /**
     * Does what {@link #close()} does, without blocking.
     *
     * @return completes when {@code close} would return, with its exception if it would throw
     */
    public CompletableFuture<@Nullable Void> closeAsync() {
        if (closing.compareAndSet(false, true)) {
            long limit = CallOptions.nanos(options.timeout());
            if (limit < Long.MAX_VALUE) {
                Runnable expire = () -> Threads.execute(null, this::closeConnection);
                var timer = Threads.schedule(expire, limit);
                CompletionStage<?> unused = closed.whenComplete((done, failure) -> timer.cancel());
            }
        }
        endIfIdle();
        return closed.copy();
    }

    /**
     * Reports the end: when this side has closed, the peer has ended and its last calls are answered, or the connection has
     * failed.
     *
     * @return completes when the connection is closed, exceptionally if {@link #close()} would throw
     */
    public CompletionStage<@Nullable Void> closed() {
        return closed.minimalCompletionStage();
    }

    boolean isClosing() {
        return closing.get();
    }

    /** After closing was noted, and after each call: whichever of the two is later sees both. */
    void endIfIdle() {
        if (closing.get() && ownCalls.isIdle() && peerCalls.isIdle()) {
            closeConnection();
        }
    }

    private void closeConnection() {
        CompletionStage<?> unused = connection.closeAsync().whenComplete((done, failure) -> {
            if (failure == null) {
                closed.complete(null);
            } else {
                closed.completeExceptionally(failure);
            }
        });
    }

    private void onInputEnd(@Nullable Throwable failure) {
        if (failure == null) {
            ownCalls.end(new EOFException("the peer has ended its half: it answers no more calls"));
            ownCalls.failAll();
            CompletionStage<?> unused = closeAsync(); // after the last answers
        } else {
            fail(failure);
        }
    }

    void onWritten(@Nullable Throwable failure) {
        if (failure != null) {
            fail(failure);
        }
    }

    private void fail(Throwable failure) {
        IOException reason = CallFailures.asIOException(failure);
        ownCalls.end(reason);
        if (connection.isOpen()) {
            connection.abort(CallFailures.code(reason));
        }
        ownCalls.failAll();
        peerCalls.cancelAll();
        closeConnection();
    }

    @Override
    public String toString() {
        return "Calls[" + connection + "]";
    }
}
