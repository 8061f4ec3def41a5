package io.h2conn;

import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Told of the events of connections' lives, for metrics, traces and logs: set it by {@link ConnectionOptions#observer}, on a
 * client or on a server. One observer usually serves all connections, and so must be safe for threads. A connection without an
 * observer pays nothing.
 *
 * <p><b>Order.</b> The events of one connection come one after the other, in the order in which they happened. On a client: {@link
 * #onConnecting}, {@link #onSession}, {@link #onHeadersSent}, {@link #onAccepted}, then bytes, stalls, heartbeats and draining, and
 * {@link #onClosed} as the last. A connect that fails ends with {@link #onConnectFailed}; it comes after {@link #onClosed} if a
 * request was sent, and before the next {@link #onConnecting} if it is tried again. On a server: {@link #onAccepted}, {@link
 * #onHeadersSent}, and so on to {@link #onClosed}. A pair in memory has neither sessions nor headers, and begins with bytes.
 *
 * <p><b>Threads.</b> An event is told on the thread that brought it about: an application's that writes or reads, the transport's,
 * or a timer's; no lock of the connection is held. An observer <b>must not block</b>, since others wait for that thread: a blocked
 * one can stall every connection on the same TCP connection. It may call every method of the connection that does not block.
 *
 * <p><b>Exceptions</b> of an observer harm nothing: the first one of each observer is logged, the others are not.
 */
public interface ConnectionObserver {
    /**
     * A client asks for a place on a session, to send a request.
     *
     * @param id that of the connection to be ({@link DuplexConnection#id})
     * @param target method and URI, without its query, which may hold secrets
     * @param attempt 1 at first; more each time that the request is tried again, since no server has processed it
     */
    default void onConnecting(String id, String target, int attempt) {}

    /**
     * The client has a place on a session, and sends the request.
     *
     * @param id that of the connection to be
     * @param remote the server's address
     * @param reused whether an earlier connection had the session, or {@code false} if it was opened for this one
     */
    default void onSession(String id, @Nullable SocketAddress remote, boolean reused) {}

    /**
     * No connection came of an attempt to connect.
     *
     * @param id that of the connection to be
     * @param failure a {@link ConnectionFailure}, or a {@link java.util.concurrent.CancellationException} if the application has
     *     given up
     * @param retried whether the request is sent again, and nobody else hears of this failure
     */
    default void onConnectFailed(String id, Exception failure, boolean retried) {}

    /**
     * This side's headers go out: a client's request, a server's answer.
     *
     * @param connection not yet accepted, on a client
     */
    default void onHeadersSent(DuplexConnection connection) {}

    /**
     * The connection exists: a client's request was answered, or a server's application has accepted one.
     *
     * @param connection open
     * @param status the answer's, 200 to 299
     */
    default void onAccepted(DuplexConnection connection, int status) {}

    /**
     * The peer's first bytes have arrived.
     *
     * @param connection which has them
     */
    default void onFirstByteReceived(DuplexConnection connection) {}

    /**
     * This side's first bytes were written to the operating system's socket.
     *
     * @param connection which has sent them
     */
    default void onFirstByteSent(DuplexConnection connection) {}

    /**
     * The send buffer is full, and a write waits for room. Common and short when much is sent; what lasts is a stall.
     *
     * @param connection that waits
     * @param cause what keeps the transport from taking more, at this moment
     */
    default void onWriteStalled(DuplexConnection connection, StallCause cause) {}

    /**
     * There is room in the send buffer again. Not told if the connection ends instead.
     *
     * @param connection that goes on
     * @param stalled for how long
     */
    default void onWriteResumed(DuplexConnection connection, Duration stalled) {}

    /**
     * The peer has used up the connection's window and must wait: this side's application does not read what has arrived. Not
     * told on a connector that was not configured for connections, where Jetty keeps the account of windows.
     *
     * @param connection whose peer waits
     * @param unread bytes that have arrived and that the application has not taken
     */
    default void onReadStalled(DuplexConnection connection, int unread) {}

    /**
     * The application has read, and the peer may send again. Not told if the connection ends instead.
     *
     * @param connection whose peer goes on
     * @param stalled for how long
     */
    default void onReadResumed(DuplexConnection connection, Duration stalled) {}

    /**
     * A heartbeat of the session was answered. Told for each connection of the session that has an observer.
     *
     * @param connection one of the session's
     * @param roundTrip how long it took to the peer and back
     */
    default void onHeartbeat(DuplexConnection connection, Duration roundTrip) {}

    /**
     * An end of the connection was announced, as {@link DuplexConnection#draining} tells.
     *
     * @param connection open still
     */
    default void onDraining(DuplexConnection connection) {}

    /**
     * The connection is over. The last event of a connection.
     *
     * @param connection which has ended
     * @param reason as {@link DuplexConnection#closed} has it
     */
    default void onClosed(DuplexConnection connection, CloseReason reason) {}
}
