package io.h2conn.benchmarks;

/** One way to send small messages, one after the other, without waiting for an answer to each. */
interface MessagePeer extends AutoCloseable {
    /** How reports call it. */
    String name();

    /**
     * Opens a stream, sends messages for a while, and waits until the server has said how many it has received and found
     * to be right.
     *
     * @param nanos how long to send
     * @return how many were sent
     * @throws AssertionError if the server has received another number
     */
    long send(long nanos) throws Exception;

    @Override
    void close();
}
