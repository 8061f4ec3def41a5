package io.h2conn.benchmarks.peer;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection with calls that block, for bytes or for messages, not for both: what the workloads of such peers are
 * written for. One thread may read while another one writes. Buffers have an array.
 */
interface Link extends Closeable {
    /** Writes all that remains, at once. */
    void write(ByteBuffer bytes) throws IOException;

    /**
     * Reads what is there, at least one byte.
     *
     * @return the number of bytes, or -1 at the end
     */
    int read(ByteBuffer buffer) throws IOException;

    /** Sends a message in one write. */
    void send(byte[] message) throws IOException;

    /**
     * Receives the next message.
     *
     * @return the message, the caller's own; {@code null} at the end
     */
    byte @Nullable [] receive() throws IOException;

    /** Ends this side's half. */
    void closeOutput() throws IOException;

    /** Reads until the buffer is full. */
    default void readFully(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (read(buffer) < 0) {
                throw new EOFException("the peer has ended its half " + buffer.remaining() + " bytes too early");
            }
        }
    }

    /** Makes sure that the peer has ended its half. */
    default void readEnd() throws IOException {
        if (read(ByteBuffer.allocate(1)) >= 0) {
            throw new IOException("the peer sends more than it should");
        }
    }
}
