package io.h2conn.benchmarks.peer;

/**
 * A client's workloads. Each runs on the connections that it says, opens what is missing before the clock starts, checks
 * every byte that arrives, and fails with an exception if one is wrong.
 */
public interface PeerClient extends AutoCloseable {
    /**
     * W1: on each connection 64 bytes there and back, one exchange after the other.
     *
     * @param waiting whether a thread for each connection waits for the answer, or the next message leaves from the
     *     callback that has got it
     * @return the exchanges of all connections, and how long each took
     */
    Outcome pingPong(Layout layout, Waiting waiting, long nanos) throws Exception;

    /**
     * W2 and W3: as many bytes of {@link Pattern} as go through one connection, in writes of 64 KiB.
     *
     * @return the bytes that arrived and were right, of both directions together
     */
    Outcome bulk(Direction direction, long nanos) throws Exception;

    /**
     * W4: messages one way on one connection, one write each, never waiting for an answer.
     *
     * @param bytes of each, without what frames it
     * @param gapNanos between the starts of two writes, which then tell the time; 0 to send as fast as possible
     * @return the messages that arrived and were right, and with a gap how long each took to arrive
     */
    Outcome messages(int bytes, long gapNanos, long nanos) throws Exception;

    /**
     * W5: opens connections to the feed, which stay open until {@link #release}.
     *
     * @return how many were opened, and the time for all of them
     */
    Outcome open(Layout layout) throws Exception;

    /**
     * W5: waits for message number {@code n} on all connections that {@link #open} has made.
     *
     * @return how many have received it; the time means nothing
     */
    Outcome receive(long n) throws Exception;

    /** Closes what {@link #open} has made. */
    void release() throws Exception;

    /**
     * W6: on a warm session, opens a connection without waiting, exchanges one message of 64 bytes, and closes both
     * halves in order; again and again, {@code concurrent} at a time.
     *
     * @return the exchanges
     */
    Outcome openAndClose(int concurrent, long nanos) throws Exception;

    @Override
    void close() throws Exception;
}
