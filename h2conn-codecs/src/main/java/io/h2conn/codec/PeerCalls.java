package io.h2conn.codec;

import io.h2conn.codec.CallException.Reason;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peer's calls on one connection. What arrives is taken by one thread at a time; handlers answer on any.
 *
 * <p>A call is in the map until it is answered or cancelled, whichever takes it out; and it is counted until its answer has
 * left, or its cancelled handler is done: so the count bounds the handlers and the replies that wait. A peer that does not read
 * what its requests over that are refused with is not answered for ever.
 */
final class PeerCalls<Q, A> {
    private static final Logger LOG = LoggerFactory.getLogger(PeerCalls.class);

    /** Refusals that wait to be sent. A peer that reads never lets so many come together. */
    private static final int MAX_UNSENT_REFUSALS = 4096;

    private final Calls<Q, A> calls;
    private final @Nullable CallHandler<Q, A> handler;
    private final Codec<A> replies;
    private final CallOutput output;
    private final int maxCalls;
    private final ConcurrentMap<Long, CompletableFuture<A>> inProgress = new ConcurrentHashMap<>();
    private final AtomicInteger counted = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();

    PeerCalls(
            Calls<Q, A> calls, @Nullable CallHandler<Q, A> handler, Codec<A> replies, CallOutput output, int maxCalls) {
        this.calls = calls;
        this.handler = handler;
        this.replies = replies;
        this.output = output;
        this.maxCalls = maxCalls;
    }

    // ---------------------------------------------------------------- what arrives

    void onRequest(long id, Q request) throws IOException {
        if (inProgress.containsKey(id)) {
            throw new CodecException("a request with the id " + id + ", which is that of a call in progress", null);
        } else if (handler == null) {
            refuse(id, Reason.NOT_SUPPORTED, "this side answers no calls");
        } else if (counted.incrementAndGet() > maxCalls) {
            done();
            refuse(id, Reason.BUSY, "there are " + maxCalls + " calls in progress");
        } else if (calls.isClosing()) { // after counting: closing looks in the opposite order
            done();
            refuse(id, Reason.CLOSING, "this side is closing");
        } else {
            handle(handler, id, request);
        }
    }

    private void handle(CallHandler<Q, A> by, long id, Q request) {
        CompletableFuture<A> reply;
        try {
            reply = by.onCall(request, calls).toCompletableFuture();
        } catch (Throwable t) {
            reply = CompletableFuture.failedFuture(t); // whatever a handler throws: the caller must not wait in vain
        }
        inProgress.put(id, reply);
        CompletableFuture<A> answering = reply;
        CompletionStage<?> unused = reply.whenComplete((answer, failure) -> {
            if (inProgress.remove(id, answering)) {
                output.write(encode(id, answer, failure), this::onAnswered);
            } else {
                done();
            }
        });
        if (!calls.connection().isOpen()) {
            onCancel(id); // cancelAll may have come before this call was in the map
        }
    }

    void onMalformedRequest(long id, CodecException failure) throws IOException {
        LOG.debug("{}: a request was not understood", calls.connection().id(), failure);
        // Not what the codec says: that names the application's classes.
        String text = failure instanceof MessageTooLargeException
                ? failure.getMessage()
                : "the request at byte " + failure.offset() + " of the input cannot be decoded";
        refuse(id, Reason.NOT_UNDERSTOOD, text);
    }

    void onCancel(long id) {
        CompletableFuture<A> reply = inProgress.remove(id);
        if (reply != null) {
            reply.cancel(true);
        }
    }

    /** Nobody waits for any answer now. */
    void cancelAll() {
        inProgress.keySet().forEach(this::onCancel);
    }

    /** Whether all answers have left. */
    boolean isIdle() {
        return counted.get() == 0;
    }

    int inProgress() {
        return inProgress.size();
    }

    // ---------------------------------------------------------------- answering

    private MessageOutput encode(long id, @Nullable A answer, @Nullable Throwable failure) {
        if (answer == null) {
            return encode(id, failure == null ? new NullPointerException("the handler's reply is null") : failure);
        }
        try {
            return output.encode(CallEnvelope.REPLY, id, replies, answer);
        } catch (Throwable t) {
            return encode(id, t); // an Error of a codec too: nobody else would see it
        }
    }

    private MessageOutput encode(long id, Throwable failure) {
        try {
            return output.encode(CallEnvelope.ERROR, id, CallErrorCodec.INSTANCE, report(failure));
        } catch (IOException e) {
            throw new AssertionError("any text can be encoded", e);
        }
    }

    /** What the peer learns of a failure. */
    private CallException report(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof CallException meantForThePeer) {
            return meantForThePeer;
        } else if (cause instanceof CancellationException) {
            return new CallException(Reason.CANCELLED, "the handler was cancelled");
        } else if (cause instanceof RejectedExecutionException) {
            return new CallException(Reason.BUSY, "the handler's executor has no room");
        }
        LOG.warn("{}: the handler of a call failed", calls.connection().id(), cause);
        return new CallException(Reason.FAILED, "the handler failed");
    }

    private void refuse(long id, Reason reason, @Nullable String text) throws IOException {
        if (refusals.incrementAndGet() > MAX_UNSENT_REFUSALS) {
            throw new CallException(
                    Reason.BUSY,
                    "the peer makes calls, " + MAX_UNSENT_REFUSALS
                            + " too many, and does not read that they are refused");
        }
        output.write(encode(id, new CallException(reason, text)), failure -> {
            refusals.decrementAndGet();
            calls.onWritten(failure);
        });
    }

    private void onAnswered(@Nullable Throwable failure) {
        calls.onWritten(failure);
        done();
    }

    private void done() {
        counted.decrementAndGet();
        calls.endIfIdle();
    }
}
