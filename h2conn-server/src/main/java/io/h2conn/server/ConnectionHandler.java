package io.h2conn.server;

import io.h2conn.DuplexConnection;

/** Serves one connection with calls that block. */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Serves a connection, on a thread of its own. The response's headers are on their way when it is called.
     *
     * <p>A normal return closes the connection in an orderly way, as {@link DuplexConnection#close()} does: what was
     * written is sent, then the output ends. An exception aborts it with
     * {@link io.h2conn.ErrorCode#INTERNAL_ERROR}, so that half an answer never looks complete.
     *
     * @param connection the connection
     * @throws Exception to abort the connection; logged
     */
    void handle(DuplexConnection connection) throws Exception;
}
