package io.h2conn.server;

import io.h2conn.DuplexConnection;
import java.util.concurrent.CompletionStage;

/** Serves one connection without holding a thread. */
@FunctionalInterface
public interface AsyncConnectionHandler {
    /**
     * Starts to serve a connection. Runs on the executor of the connection's options; or, if they declare
     * {@link io.h2conn.ConnectionOptions#nonBlockingCallbacks}, on the thread that serves the transport, and then it
     * must not block. The response's headers are on their way when it is called.
     *
     * <p>When the stage completes, the connection is closed in an orderly way, as {@link DuplexConnection#closeAsync()}
     * does; when it fails, the connection is aborted with {@link io.h2conn.ErrorCode#INTERNAL_ERROR}.
     *
     * @param connection the connection
     * @return completes when the connection is served
     * @throws Exception to abort the connection; logged
     */
    CompletionStage<?> handle(DuplexConnection connection) throws Exception;
}
