package io.h2conn.benchmarks.peer;

/** Takes what callbacks hand over, of one connection. */
interface MessageReceiver {
    /**
     * Takes a message.
     *
     * @throws Exception if it is not the right one; the connection is of no use then
     */
    void onMessage(byte[] message) throws Exception;

    /** No more messages will come, although somebody waits for them. */
    void onFailure(Throwable cause);
}
