package io.h2conn.benchmarks.peer;

/**
 * A server that does what its client's workloads need:
 *
 * <ul>
 *   <li>echo: sends every byte back as soon as it has it
 *   <li>sink: checks all input against {@link Pattern}, then answers the number of bytes
 *   <li>source: sends the pattern until it is told to stop, then ends
 *   <li>messages: checks each message against {@link Messages}, then answers their number, and how long they took if they
 *       tell when they were sent
 *   <li>feed: keeps the connection, for {@link #broadcast}
 * </ul>
 */
public interface PeerServer extends AutoCloseable {
    int port();

    /** How many connections to the feed are open. */
    int receivers();

    /**
     * Sends message number {@code n} of {@link Messages} to every receiver, and returns when all are handed to the library.
     */
    void broadcast(long n) throws Exception;

    @Override
    void close() throws Exception;
}
