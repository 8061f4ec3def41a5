package io.h2conn.codec;

import io.h2conn.internal.Threads;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Answers the peer's requests. One handler may serve any number of connections.
 *
 * @param <Q> the type of the requests
 * @param <A> the type of the replies
 */
@FunctionalInterface
public interface CallHandler<Q, A> {
    /**
     * Starts to answer a request. Runs where messages are received, one request at a time, and must not block: nothing else
     * is received meanwhile, the replies to this side's own calls neither. {@link #blocking} makes a handler of code that
     * blocks.
     *
     * @param request the request
     * @param calls where it came from: for calling back, and for the facts of its connection
     * @return completes with the reply, never {@code null}, on any thread; or fails, and the peer gets a
     *     {@link CallException}. If it is a {@link java.util.concurrent.CompletableFuture}, it is cancelled when the peer does
     *     not want the reply any more; a stage for each request, therefore. What goes on in spite of that is no longer counted
     *     among the calls in progress
     * @throws Exception as if the stage had failed with it
     */
    CompletionStage<A> onCall(Q request, Calls<Q, A> calls) throws Exception;

    /**
     * A handler that may block, on the library's own threads: virtual ones on Java 21 and later. There are as many at a time
     * as {@link CallOptions#maxPeerCalls} for each connection.
     *
     * @param <Q> the type of the requests
     * @param <A> the type of the replies
     * @param function answers a request
     * @return the handler
     */
    static <Q, A> CallHandler<Q, A> blocking(Blocking<Q, A> function) {
        return blocking(function, Threads.executor());
    }

    /**
     * A handler that may block. When the peer cancels a call, the thread that answers it is interrupted; it counts as in
     * progress until it has returned.
     *
     * @param <Q> the type of the requests
     * @param <A> the type of the replies
     * @param function answers a request
     * @param executor where it runs; when it rejects a request, the peer is told {@link CallException.Reason#BUSY}
     * @return the handler
     */
    static <Q, A> CallHandler<Q, A> blocking(Blocking<Q, A> function, Executor executor) {
        return (request, calls) -> {
            BlockingCall<Q, A> call = new BlockingCall<>(function, request, calls);
            executor.execute(call);
            return call;
        };
    }

    /**
     * Answers requests, and takes its time.
     *
     * @param <Q> the type of the requests
     * @param <A> the type of the replies
     */
    @FunctionalInterface
    interface Blocking<Q, A> {
        /**
         * Answers a request.
         *
         * @param request the request
         * @param calls where it came from
         * @return the reply, never {@code null}
         * @throws Exception instead of a reply, as {@link CallHandler#onCall} explains
         */
        A answer(Q request, Calls<Q, A> calls) throws Exception;
    }
}
