package io.h2conn.jetty;

/** Told what becomes of a stream. Called on the thread that serves the transport: must not block. */
public interface StreamOwner {
    /**
     * A response's headers have arrived: none, one or more interim ones, then the final one. A final status and its
     * headers are in the {@link ExchangeInfo} by then. Bytes and the end are delivered to the engine afterwards, whatever
     * the status. Never called on a server.
     *
     * @param status 100 to 199 for an interim response, 200 to 599 for the final one
     * @param ended whether the response has no body, because END_STREAM came with its headers
     */
    void onResponse(int status, boolean ended);

    /** The engine has ended and Jetty has closed the stream. Called once. */
    void onGone();
}
