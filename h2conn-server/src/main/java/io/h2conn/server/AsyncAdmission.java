package io.h2conn.server;

import java.util.concurrent.CompletionStage;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Decides, before a connection is made, whether a request gets one, without holding a thread until that is known. */
@FunctionalInterface
public interface AsyncAdmission {
    /**
     * Starts to look at a request, as {@link Admission#check} does: at its path, its headers, the client's certificate. Runs
     * on a thread of Jetty's pool; or, if the acceptor's options declare
     * {@link io.h2conn.ConnectionOptions#nonBlockingCallbacks}, on the thread that serves the transport, and then it must not
     * block. What the client sends meanwhile is kept for the connection.
     *
     * <p>The first of these decides, and what comes later changes nothing: the stage completes; the time is up, which
     * answers 503; the client resets the stream or its TCP connection breaks, which answers nobody.
     *
     * @param request the request; its content must not be read
     * @return completes, on any thread, with {@code null} to let the request in, or with what to answer instead; a failure
     *     answers 500, and is logged
     * @throws Exception to answer 500; logged
     */
    CompletionStage<@Nullable Refusal> check(Request request) throws Exception;
}
