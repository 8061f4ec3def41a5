package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.DuplexConnection;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DuplexConnection} that carries typed messages.
 *
 * <pre>{@code
 * MessageConnection<Order, Receipt> orders = Json.connect(connection, Order.class, Receipt.class);
 * Order order;
 * while ((order = orders.receive()) != null) {
 *     orders.send(process(order));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Any number of threads may send and receive: messages never mix, and each is received once. Deadlines
 * and timeouts are those of the {@link #connection()}; one that passes loses nothing, in either direction.
 *
 * <p><b>Size.</b> No message may be larger than the maximum, {@value #DEFAULT_MAX_MESSAGE_BYTES} bytes unless told
 * otherwise, so that a peer cannot make this side use more memory than that.
 *
 * <p>From here on the input of the connection belongs to this object, which may read ahead of the message it returns.
 *
 * @param <I> what comes in
 * @param <O> what goes out
 */
public final class MessageConnection<I, O> implements Closeable {
    /** Bytes. The largest message in either direction unless told otherwise. */
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;

    private static final int INITIAL_BUFFER_BYTES = 8 * 1024;
    /** A buffer that a large message has made larger than this is given back once it is empty. */
    private static final int RETAINED_BUFFER_BYTES = 64 * 1024;

    private static final int EXCERPT_BYTES = 60;

    private final DuplexConnection connection;
    private final Format<I, O> format;
    private final int maxMessageBytes;

    private final ReentrantLock receiving = new ReentrantLock();
    // The rest of this group is guarded by receiving. In the buffer: start <= scanned <= end.
    private final Framing framing;
    private byte[] buffer = {};
    private int start;
    private int scanned;
    private int end;
    /** Where in the input the byte at start is. */
    private long position;
    /** The message that has begun is too large, was reported, and is being skipped. */
    private boolean skipping;

    private final ReentrantLock sending = new ReentrantLock();
    /** Guarded by sending: what a timeout or an interrupt has left over of a message that is partly on its way. */
    private @Nullable ByteBuffer unsent;

    /** How messages look as bytes. */
    interface Format<I, O> {
        Framing framing();

        /** Follows each message that is sent. */
        byte[] suffix();

        void encode(O message, OutputStream output) throws IOException;

        I decode(byte[] buffer, int from, int length) throws IOException;
    }

    MessageConnection(DuplexConnection connection, Format<I, O> format, int maxMessageBytes) {
        // Framing looks at one byte more than the largest message.
        if (maxMessageBytes < 1 || maxMessageBytes > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException(
                    "maxMessageBytes must be from 1 to " + Integer.MAX_VALUE / 2 + " but was " + maxMessageBytes);
        }
        this.connection = Objects.requireNonNull(connection, "connection");
        this.format = format;
        this.framing = format.framing();
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * Sends one message. Blocks, as {@link DuplexConnection#write(ByteBuffer)}, while the send buffer is full.
     *
     * <p>A call that ends by timeout or interrupt says how many bytes were accepted. If none were, the message is not
     * sent. Otherwise it is on its way: what is left of it goes first in the next {@code send} or {@code closeOutput}.
     *
     * @param message what to send; no longer needed at return
     * @throws MessageTooLargeException if it is larger than the maximum; nothing was sent
     * @throws CodecException if it cannot be encoded; nothing was sent
     * @throws IOException as {@link DuplexConnection#write(ByteBuffer)}
     */
    public void send(O message) throws IOException {
        Objects.requireNonNull(message, "message");
        FrameOutput output = new FrameOutput(maxMessageBytes, format.suffix());
        format.encode(message, output);
        ByteBuffer frame = output.finish();
        lock(sending, "to send");
        try {
            writeUnsent();
            write(frame);
        } finally {
            sending.unlock();
        }
    }

    private void writeUnsent() throws IOException {
        ByteBuffer rest = unsent;
        if (rest != null) {
            unsent = null;
            write(rest);
        }
    }

    /** Writes the whole frame, or remembers the rest of one that was begun: the next message must not follow half of it. */
    private void write(ByteBuffer frame) throws IOException {
        try {
            connection.write(frame);
        } finally {
            if (frame.position() > 0 && frame.hasRemaining()) {
                unsent = frame;
            }
        }
    }

    /**
     * Receives one message, waiting for it if need be. A call that ends by timeout or interrupt keeps what has arrived:
     * the next one goes on from there.
     *
     * @return the message, or {@code null}, now and ever after, when the peer has ended its half after its last message
     * @throws EOFException if the peer has ended its half inside a message
     * @throws MessageTooLargeException if a message is larger than the maximum; the next call skips it
     * @throws CodecException if a message cannot be decoded; it is passed over, and the next call returns the next one
     * @throws IOException as {@link DuplexConnection#read}
     */
    public @Nullable I receive() throws IOException {
        lock(receiving, "to receive");
        try {
            while (true) {
                int messageEnd = findMessage();
                if (messageEnd >= 0 && !skipping) {
                    return take(messageEnd);
                } else if (messageEnd >= 0) {
                    skipping = false;
                    advance(messageEnd);
                } else if (!fill()) {
                    return takeLast();
                }
            }
        } finally {
            receiving.unlock();
        }
    }

    /** Returns the index after the message at {@code start}, or -1 when more bytes are needed. */
    private int findMessage() throws MessageTooLargeException {
        if (scanned == start && !skipping) {
            advance(framing.skipSeparators(buffer, start, end));
        }
        int messageEnd = framing.findEnd(buffer, scanned, end);
        scanned = messageEnd < 0 ? end : messageEnd;
        if (messageEnd < 0 && skipping) {
            advance(end);
        } else if (scanned - start > maxMessageBytes && !skipping) {
            long offset = position;
            skipping = messageEnd < 0;
            advance(scanned);
            throw new MessageTooLargeException(
                    "the message that begins at byte " + offset + " of the input is larger than maxMessageBytes, "
                            + maxMessageBytes,
                    maxMessageBytes);
        }
        return messageEnd;
    }

    private I take(int messageEnd) throws IOException {
        int from = start;
        long offset = position;
        // Passed over before it is decoded, so that a message that cannot be decoded is not found again.
        advance(messageEnd);
        try {
            return format.decode(buffer, from, messageEnd - from);
        } catch (CodecException e) {
            throw new CodecException(
                    "the message that begins at byte " + offset + " of the input cannot be decoded: " + e.getMessage()
                            + "; it is " + excerpt(buffer, from, messageEnd),
                    e.getCause());
        }
    }

    private @Nullable I takeLast() throws IOException {
        if (start == end && !skipping) {
            return null;
        }
        if (!framing.isCompleteAtEnd(buffer, start, end)) {
            throw new EOFException("the peer ended its half inside the message that begins at byte " + position
                    + " of the input, after " + (end - start) + " bytes of it: " + excerpt(buffer, start, end));
        }
        return skipping ? null : take(end);
    }

    private void advance(int index) {
        position += index - start;
        start = index;
        scanned = index;
    }

    /** Reads what is there; false at the end of the input. Grows the buffer only for a message within the limit. */
    private boolean fill() throws IOException {
        if (start == end) {
            start = 0;
            scanned = 0;
            end = 0;
            if (buffer.length == 0 || buffer.length > RETAINED_BUFFER_BYTES) {
                buffer = new byte[INITIAL_BUFFER_BYTES];
            }
        } else if (end == buffer.length && start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            scanned -= start;
            end -= start;
            start = 0;
        } else if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, maxMessageBytes + 1L));
        }
        int count = connection.read(ByteBuffer.wrap(buffer, end, buffer.length - end));
        end += Math.max(count, 0);
        return count >= 0;
    }

    private static String excerpt(byte[] buffer, int from, int to) {
        int length = Math.min(to - from, EXCERPT_BYTES);
        String text = new String(buffer, from, length, UTF_8).replaceAll("\\p{Cntrl}", " ");
        return length < to - from ? text + "..." : text;
    }

    /**
     * The connection beneath: for deadlines, facts, attributes and {@code abort}. Its input belongs to this object.
     *
     * @return the connection
     */
    public DuplexConnection connection() {
        return connection;
    }

    /**
     * Ends this side's half after the last message sent. Receiving goes on. Blocks only if part of a message is left over
     * from a send that timed out.
     *
     * @throws IOException as {@link DuplexConnection#closeOutput()} and {@link DuplexConnection#write(ByteBuffer)}
     */
    public void closeOutput() throws IOException {
        lock(sending, "to end the output");
        try {
            writeUnsent();
            connection.closeOutput();
        } finally {
            sending.unlock();
        }
    }

    /**
     * Closes the connection, as {@link DuplexConnection#close()}. If part of a message is left over from a send that timed
     * out, the connection is aborted instead, so that the peer does not take it for an orderly end.
     *
     * @throws IOException as {@link DuplexConnection#close()}
     */
    @Override
    public void close() throws IOException {
        // Not waited for: closing wakes a sender that holds the lock, and then the connection knows that it was cut
        // short.
        if (sending.tryLock()) {
            try {
                if (unsent != null) {
                    connection.abort();
                }
            } finally {
                sending.unlock();
            }
        }
        connection.close();
    }

    @Override
    public String toString() {
        return "MessageConnection[" + connection + "]";
    }

    private static void lock(ReentrantLock lock, String purpose) throws InterruptedIOException {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting " + purpose);
        }
    }
}
