package io.h2conn;

import io.h2conn.internal.MemoryPair;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream as a full-duplex byte connection: like a WebSocket, but over plain HTTP/2.
 *
 * <p>Both sides have the same type. Bytes written here come out of the peer's {@link #read}, in order, none lost and none
 * twice, or both sides get an exception that says why not. Each direction is a <em>half</em>: {@link #output()} ends with
 * {@link #closeOutput()}, {@link #input()} when the peer ends its own; they end independently of each other.
 *
 * <p><b>Threads.</b> Every method may be called from any thread at any time. Each {@code write} is contiguous on the
 * wire whatever other writers do; readers take turns, and a {@code read} gets bytes that no other reader gets. An
 * interrupt ends the call that waits with {@link java.io.InterruptedIOException}, keeps the thread's interrupt flag, and
 * leaves the connection as it is.
 *
 * <p><b>Backpressure.</b> {@code write} blocks while the bounded send buffer is full, which it stays while the peer does
 * not read (RFC 9113, section 5.2): memory is bounded on both sides.
 *
 * <p><b>Failures</b> are {@link IOException}s that implement {@link ConnectionFailure}. The first one wins: every later
 * call reports it again.
 *
 * <p>Closing one of the two stream views closes only its half; to end the connection, {@link #close()} it.
 */
public interface DuplexConnection extends ByteChannel, GatheringByteChannel {

    /**
     * A name for this connection that logs, dumps and {@code toString} use. Unique within the process.
     *
     * @return a short string without white space
     */
    String id();

    /**
     * Where the connection comes from, what was asked for and answered.
     *
     * @return the facts; the same object every time
     */
    ConnectionInfo info();

    /**
     * Room for the application's own data about this connection.
     *
     * @return a map that lives as long as the connection, safe for any thread
     */
    ConcurrentMap<String, Object> attributes();

    /**
     * Reads what is there, at least one byte, waiting for the first one if need be. Everything that small writes have
     * gathered leaves for the peer before the wait begins.
     *
     * @param dst where the bytes go
     * @return the number of bytes, at least 1; or -1, now and ever after, when the peer has ended its half and all it
     *     sent has been read; 0 only if {@code dst} has no room
     * @throws ConnectionTimeoutException at the read deadline; nothing is lost
     * @throws ConnectionResetException if either side has reset the stream; what was unread is dropped, unless the peer
     *     had ended its half before
     * @throws ConnectionLostException if the session broke before the peer ended its half
     * @throws ConnectionClosedException if this side closed the connection or its input, before or during the call
     * @throws ConnectionRefusedException on a client that did not wait for the answer, if it was a refusal
     * @throws java.io.InterruptedIOException if the thread is interrupted while it waits
     * @throws IllegalStateException while {@link #listen} takes the input
     */
    @Override
    int read(ByteBuffer dst) throws IOException;

    /**
     * Sends all bytes of {@code src}. Returns when they are in the send buffer, from where they leave without further
     * calls; blocks while that is full. The array beneath is the caller's own again at return.
     *
     * <p>A lone write leaves at once. Writes in a quick burst gather for about 100 microseconds at most, so that many
     * small writes become few frames; {@link ConnectionOptions#gatherWrites} turns that off.
     *
     * @param src what to send; its position moves by what was accepted, also when the call fails
     * @return the number of bytes: all that remained in {@code src}
     * @throws ConnectionTimeoutException at the write deadline; what was accepted until then will be sent
     * @throws ConnectionResetException if either side has reset the stream
     * @throws ConnectionLostException if the session broke
     * @throws ConnectionClosedException if this side closed the connection or its output, before or during the call
     * @throws java.io.InterruptedIOException if the thread is interrupted while it waits; says how much was accepted
     */
    @Override
    int write(ByteBuffer src) throws IOException;

    /**
     * Sends all bytes of all buffers, contiguously. Otherwise as {@link #write(ByteBuffer)}.
     *
     * @param srcs what to send
     * @return the number of bytes
     * @throws IOException as {@link #write(ByteBuffer)}
     */
    @Override
    default long write(ByteBuffer[] srcs) throws IOException {
        return write(srcs, 0, srcs.length);
    }

    /**
     * Sends all bytes of some buffers, contiguously. Otherwise as {@link #write(ByteBuffer)}.
     *
     * @param srcs what to send
     * @param offset the first buffer
     * @param length how many buffers
     * @return the number of bytes
     * @throws IOException as {@link #write(ByteBuffer)}
     * @throws IndexOutOfBoundsException if there are no such buffers
     */
    @Override
    long write(ByteBuffer[] srcs, int offset, int length) throws IOException;

    /**
     * Waits until everything accepted so far has been written to the operating system's socket. No {@code write} needs
     * this to make progress, and it does not prove that the peer has read anything: only the peer's own answer does.
     *
     * @throws ConnectionTimeoutException at the write deadline
     * @throws IOException as {@link #write(ByteBuffer)}, if some of it can no longer be sent
     */
    void flush() throws IOException;

    /**
     * The input as a stream: the same bytes, deadlines and failures as {@link #read}. Its {@code close} discards the
     * input, what has arrived and what is still to come, and leaves the connection open for writing.
     *
     * @return the view; the same object every time
     */
    InputStream input();

    /**
     * The output as a stream: the same send buffer, deadlines and failures as {@link #write}. Its {@code flush} is
     * {@link #flush()}, its {@code close} is {@link #closeOutput()}.
     *
     * @return the view; the same object every time
     */
    OutputStream output();

    /**
     * Ends this side's half: END_STREAM follows everything accepted so far (RFC 9113, section 5.1). Returns at once;
     * {@link #flush()}, {@link #close()} and {@link #closed()} report what could not be sent. Reading goes on. Later
     * writes fail. Calling it again does nothing.
     *
     * @throws IOException if the connection has failed and the end cannot be sent
     */
    void closeOutput() throws IOException;

    /**
     * Ends this side's half with trailers (RFC 9113, section 8.1): the way to say why, since the protocol has no other
     * place for a reason. Otherwise as {@link #closeOutput()}; trailers given after the end are ignored.
     *
     * @param trailers field names and values; pseudo-header fields are not allowed
     * @throws IOException if the connection has failed and the end cannot be sent
     * @throws IllegalArgumentException if a name is not a legal field name for trailers
     */
    void closeOutput(HttpHeaders trailers) throws IOException;

    /**
     * Closes the connection in an orderly way. What was accepted is sent and the output ended; the call waits for that,
     * at most the {@link ConnectionOptions#closeTimeout}. It does not wait for the peer: what the peer still sends is
     * discarded in the background until it ends its half, or is reset at the close timeout. Calls blocked in other
     * threads end at once with {@link ConnectionClosedException}. Closing again does nothing more.
     *
     * <p>If another thread's write is only partly accepted, the stream is reset, since a clean end would hide the
     * truncation from the peer.
     *
     * @throws ConnectionTimeoutException if accepted bytes could not be written to the socket within the close timeout;
     *     the stream has been reset
     * @throws ConnectionResetException if accepted bytes were dropped because of a reset
     * @throws ConnectionLostException if accepted bytes were dropped because the session broke
     * @throws java.io.InterruptedIOException if interrupted while waiting; closing goes on in the background
     */
    @Override
    void close() throws IOException;

    /**
     * Does what {@link #close()} does, without blocking.
     *
     * @return completes when {@code close} would return, with its exception if it would throw
     */
    CompletableFuture<@Nullable Void> closeAsync();

    /** Resets the stream with {@link ErrorCode#CANCEL}. Otherwise as {@link #abort(ErrorCode)}. */
    default void abort() {
        abort(ErrorCode.CANCEL);
    }

    /**
     * Ends the connection now, both halves, by RST_STREAM (RFC 9113, section 6.4). Drops what is unsent and unread; blocked
     * calls fail with {@link ConnectionResetException}. Never blocks and never throws. On a connection that
     * has ended it only drops what is unread.
     *
     * @param code tells the peer why
     */
    void abort(ErrorCode code);

    /**
     * Whether the connection is neither closed by this side nor failed. An open connection's halves may have ended.
     *
     * @return {@code false} once {@link #close()}, {@link #abort} or a failure has ended it
     */
    @Override
    boolean isOpen();

    /**
     * Reports the end of the connection: at once on a failure, even when nobody reads or writes; otherwise when both
     * halves have ended and the input was read or discarded.
     *
     * @return completes once, never exceptionally; dependents run on the connection's executor
     */
    CompletionStage<CloseReason> closed();

    /**
     * Whether an end of the connection was announced: by the peer, which shuts the session down in an orderly way (GOAWAY, RFC
     * 9113, section 6.8), or by this side, whose server or client drains. The connection works as before, but what can be
     * finished soon should be, and closed: when the time that the drain allows is over, what is left is reset.
     *
     * @return {@code true} from the announcement on
     */
    boolean isDraining();

    /**
     * Tells when {@link #isDraining} becomes true.
     *
     * @return completes once, when an end is announced; never, if the connection ends without that. Dependents run on the
     *     connection's executor
     */
    CompletionStage<@Nullable Void> draining();

    /**
     * Sets when reads stop waiting. Acts at once on reads that wait now; a deadline in the past makes every read time out
     * with 0 bytes, whether or not there is something to read. A timeout does not end the connection. Does not apply to
     * {@link #listen}.
     *
     * @param deadline a point in time, or {@code null} for none, the initial setting
     */
    void setReadDeadline(@Nullable Instant deadline);

    /**
     * Sets when writes and flushes stop waiting. Acts at once on those that wait now; a deadline in the past makes each
     * time out with 0 bytes accepted. A timeout does not end the connection, and what was accepted is sent.
     *
     * @param deadline a point in time, or {@code null} for none, the initial setting
     */
    void setWriteDeadline(@Nullable Instant deadline);

    /**
     * Sets both deadlines.
     *
     * @param deadline a point in time, or {@code null} for none
     */
    default void setDeadline(@Nullable Instant deadline) {
        setReadDeadline(deadline);
        setWriteDeadline(deadline);
    }

    /**
     * Limits how long each read waits for its first byte, from its own start. Does not limit a whole transfer: a peer
     * that sends one byte per interval never times out. Where a deadline is set as well, the earlier one counts. Applies
     * to reads that start later.
     *
     * @param limit zero for no limit, the initial setting
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    void setReadTimeout(Duration limit);

    /**
     * Limits how long each write or flush takes, from its own start. Where a deadline is set as well, the earlier one
     * counts. Applies to calls that start later.
     *
     * @param limit zero for no limit, the initial setting
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    void setWriteTimeout(Duration limit);

    /**
     * Reads what is there, at least one byte, without holding a thread while there is nothing.
     *
     * <p>Cancelling the future, or completing it by a timeout of its own, loses nothing: bytes that arrive later go to
     * the next read. Only one such read may wait at a time.
     *
     * @return completes with a buffer that is the caller's own, or with {@code null} at the end of input; fails as
     *     {@link #read} would. Dependents run on the connection's executor, or on the thread that serves the transport if
     *     {@link ConnectionOptions#nonBlockingCallbacks} was declared
     * @throws java.nio.channels.ReadPendingException if another asynchronous read waits
     * @throws IllegalStateException while {@link #listen} takes the input
     */
    CompletableFuture<@Nullable ByteBuffer> readAsync();

    /**
     * Sends all bytes of {@code src} without blocking. The buffer must not be touched until the future completes, which
     * it does at once if the send buffer has room. Only one such write may wait at a time: waiting for it is how the
     * caller honours the peer's pace. Cancelling the future does not take the bytes back.
     *
     * @param src what to send
     * @return completes when all of it is accepted; fails as {@link #write(ByteBuffer)} would. Threads as with
     *     {@link #readAsync()}
     * @throws java.nio.channels.WritePendingException if another asynchronous write waits; nothing was accepted
     */
    CompletableFuture<@Nullable Void> writeAsync(ByteBuffer src);

    /**
     * Gives all input to a listener as it arrives, from now to its end, holding no thread in between. Reads by other
     * means fail from now on.
     *
     * @param listener runs on the connection's executor, or on the thread that serves the transport if
     *     {@link ConnectionOptions#nonBlockingCallbacks} was declared; never twice at the same time
     * @return completes when the peer's end has been reached, after the last piece was taken; fails as {@link #read}
     *     would, or with what the listener threw. It does not close the connection
     * @throws IllegalStateException if there is a listener or a waiting read already
     */
    CompletableFuture<@Nullable Void> listen(DataListener listener);

    /**
     * Makes two connected connections in memory, with the contract of this interface and a window of 64 KiB each way, so
     * that a handler can be tested without a server. Writes do not gather: without frames there is nothing to gain.
     *
     * @return the two ends
     */
    static Pair pair() {
        return pair(64 * 1024, ConnectionOptions.defaults().gatherWrites(false));
    }

    /**
     * Makes two connected connections in memory.
     *
     * @param windowBytes how much each side can send before the other reads, at least 1
     * @param options the options of both sides
     * @return the two ends
     * @throws IllegalArgumentException if {@code windowBytes} is less than 1
     */
    static Pair pair(int windowBytes, ConnectionOptions options) {
        return MemoryPair.connect(windowBytes, options);
    }

    /**
     * The two ends of a connection in memory.
     *
     * @param client behaves as the side that called {@code connect}
     * @param server behaves as the side that called {@code accept}
     */
    record Pair(DuplexConnection client, DuplexConnection server) {}
}
