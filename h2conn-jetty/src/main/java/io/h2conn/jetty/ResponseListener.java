package io.h2conn.jetty;

/**
 * Told what a server answers. Called on the thread that serves the transport: must not block. A final status and its
 * headers are in the {@link ExchangeInfo} by then.
 */
public interface ResponseListener {
    /** What a server uses: its peer answers nothing. */
    ResponseListener NONE = (status, ended) -> {};

    /**
     * A response's headers have arrived: none, one or more interim ones, then the final one. Bytes and the end are
     * delivered to the engine afterwards, whatever the status.
     *
     * @param status 100 to 199 for an interim response, 200 to 599 for the final one
     * @param ended whether the response has no body, because END_STREAM came with its headers
     */
    void onResponse(int status, boolean ended);
}
