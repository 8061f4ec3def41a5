package io.h2conn.codec;

import io.h2conn.ConnectionClosedException;
import io.h2conn.codec.CallException.Reason;
import io.h2conn.internal.Durations;
import io.h2conn.internal.Threads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The calls of this side on one connection.
 *
 * <p>A call ends once: by whoever claims it. It is in the map until somebody takes it out: a reply, or whoever has claimed it
 * for something else; if that one finds it there, the peer is still at work, and is told to cancel. A call that begins while
 * the connection ends looks for the end after it has put itself into the map, and the end is noted before the map is looked
 * at: one of the two sees the other.
 *
 * <p>A call has a permit until it has ended and nothing of it waits to be sent, so the permits bound what waits.
 */
final class OwnCalls<Q, A> {
    private final Calls<Q, A> calls;
    private final Codec<Q> requests;
    private final CallOutput output;
    private final int maxCalls;
    private final Semaphore permits;
    private final AtomicLong lastId = new AtomicLong();
    private final ConcurrentMap<Long, OutgoingCall<A>> waiting = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable IOException> end = new AtomicReference<>();
    private final AtomicLong unexpectedReplies = new AtomicLong();

    OwnCalls(Calls<Q, A> calls, Codec<Q> requests, CallOutput output, int maxCalls) {
        this.calls = calls;
        this.requests = requests;
        this.output = output;
        this.maxCalls = maxCalls;
        this.permits = new Semaphore(maxCalls);
    }

    // ---------------------------------------------------------------- calling

    A call(Q request, Duration timeout) throws IOException {
        long limit = CallOptions.nanos(timeout);
        long start = System.nanoTime();
        OutgoingCall<A> call = newCall();
        MessageOutput message = encode(call, request);
        boolean permitted = false;
        try {
            permitted = permits.tryAcquire(limit, TimeUnit.NANOSECONDS);
            if (!permitted) {
                throw new CallTimeoutException("this side had " + maxCalls + " calls in progress all the "
                        + Durations.text(timeout) + "; nothing was sent");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller owns the policy
            throw new InterruptedIOException("interrupted while waiting to call; nothing was sent");
        } finally {
            if (!permitted) {
                BufferCache.give(message);
            }
        }
        begin(call, message);
        return await(call, limit - (System.nanoTime() - start), timeout);
    }

    private A await(OutgoingCall<A> call, long nanos, Duration timeout) throws IOException {
        try {
            try {
                return call.get(nanos, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                expire(call, timeout);
                return call.get();
            }
        } catch (InterruptedException e) {
            call.cancel(false);
            Thread.currentThread().interrupt(); // the caller owns the policy
            throw new InterruptedIOException("interrupted while waiting for a reply; the peer was told to cancel");
        } catch (ExecutionException e) {
            throw CallFailures.of(e);
        }
    }

    CompletableFuture<A> callAsync(Q request, Duration timeout) {
        long limit = CallOptions.nanos(timeout);
        OutgoingCall<A> call = newCall();
        MessageOutput message;
        try {
            message = encode(call, request);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (!permits.tryAcquire()) {
            BufferCache.give(message);
            return CompletableFuture.failedFuture(new CallException(
                    Reason.BUSY, "this side has " + maxCalls + " calls in progress; nothing was sent, wait for one"));
        }
        begin(call, message);
        if (limit < Long.MAX_VALUE) {
            // Not on the timer's own thread, which is everybody's: what depends on the future may block.
            call.startTimer(Threads.schedule(() -> Threads.execute(null, () -> expire(call, timeout)), limit));
        }
        return call;
    }

    private OutgoingCall<A> newCall() {
        return new OutgoingCall<>(this, lastId.incrementAndGet());
    }

    private MessageOutput encode(OutgoingCall<A> call, Q request) throws IOException {
        return output.encode(CallEnvelope.REQUEST, call.id(), requests, request);
    }

    /** With a permit. */
    private void begin(OutgoingCall<A> call, MessageOutput message) {
        waiting.put(call.id(), call);
        IOException ended = end.get();
        if (ended == null && calls.isClosing()) {
            ended = new ConnectionClosedException("a call after close()");
        }
        if (ended != null) {
            fail(call, ended);
            release(call);
            BufferCache.give(message);
            return;
        }
        output.write(message, failure -> {
            calls.onWritten(failure);
            release(call);
        });
    }

    // ---------------------------------------------------------------- how a call ends

    void onReply(long id, A reply) {
        OutgoingCall<A> call = answered(id);
        if (call != null) {
            settle(call);
            call.deliver(reply);
        }
    }

    void onError(long id, IOException error) {
        OutgoingCall<A> call = answered(id);
        if (call != null) {
            settle(call);
            call.deliverFailure(error);
        }
    }

    private @Nullable OutgoingCall<A> answered(long id) {
        OutgoingCall<A> call = waiting.remove(id);
        if (call == null || !call.claim()) {
            unexpectedReplies.incrementAndGet();
            return null;
        }
        return call;
    }

    private void expire(OutgoingCall<A> call, Duration timeout) {
        if (call.claim()) {
            abandon(call);
            call.deliverFailure(new CallTimeoutException(
                    "no reply within " + Durations.text(timeout) + "; the peer was told to cancel the call"));
        }
    }

    /** Nobody waits for the reply any more: for the one who has claimed the call. */
    void abandon(OutgoingCall<A> call) {
        if (waiting.remove(call.id(), call)) {
            call.hold();
            output.write(output.encodeCancel(call.id()), failure -> {
                calls.onWritten(failure);
                release(call);
            });
        }
        settle(call);
    }

    /** Notes that no reply will come any more, to no call. The first reason counts. */
    void end(IOException reason) {
        end.compareAndSet(null, reason);
    }

    /** After the end was noted: fails all calls that wait. */
    void failAll() {
        IOException reason = Objects.requireNonNull(end.get());
        for (OutgoingCall<A> call : waiting.values()) {
            fail(call, reason);
        }
    }

    private void fail(OutgoingCall<A> call, IOException reason) {
        if (call.claim()) {
            waiting.remove(call.id(), call);
            settle(call);
            call.deliverFailure(CallFailures.again(reason));
        }
    }

    private void settle(OutgoingCall<A> call) {
        call.stopTimer();
        release(call);
    }

    private void release(OutgoingCall<A> call) {
        if (call.release()) {
            permits.release();
            calls.endIfIdle();
        }
    }

    /** Whether no call is in progress, and nothing waits to be sent. */
    boolean isIdle() {
        return permits.availablePermits() == maxCalls;
    }

    int waiting() {
        return waiting.size();
    }

    long unexpectedReplies() {
        return unexpectedReplies.get();
    }
}
