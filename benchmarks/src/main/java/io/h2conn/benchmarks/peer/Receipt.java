package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a server says at the end, so that the client can tell whether anything was lost.
 *
 * @param received bytes of a sink, or messages; all of them were right
 * @param sent bytes of a source
 * @param latencies of messages that told when they were sent
 */
record Receipt(long received, long sent, @Nullable Histogram latencies) {
    /** Bytes of one without latencies. */
    static final int BYTES = 2 * Long.BYTES;

    byte[] toBytes() {
        if (latencies == null) {
            return ByteBuffer.allocate(BYTES).putLong(received).putLong(sent).array();
        }
        ByteBuffer encoded = ByteBuffer.allocate(BYTES + latencies.getNeededByteBufferCapacity());
        encoded.putLong(received).putLong(sent);
        latencies.encodeIntoCompressedByteBuffer(encoded);
        return Arrays.copyOf(encoded.array(), encoded.position());
    }

    /**
     * Reads one.
     *
     * @throws IOException if these bytes are none
     */
    static Receipt from(byte[] bytes) throws IOException {
        if (bytes.length < BYTES) {
            throw new IOException("a receipt has at least " + BYTES + " bytes, but there are " + bytes.length);
        }
        ByteBuffer encoded = ByteBuffer.wrap(bytes);
        long received = encoded.getLong();
        long sent = encoded.getLong();
        try {
            return new Receipt(
                    received,
                    sent,
                    encoded.hasRemaining() ? Histogram.decodeFromCompressedByteBuffer(encoded, 0) : null);
        } catch (DataFormatException e) {
            throw new IOException("a receipt has no histogram where it should have one", e);
        }
    }

    /**
     * Compares with what this side knows.
     *
     * @param bytesOrMessages that this side has sent
     * @param bytes that this side has received
     * @throws IOException if something was lost, or came twice
     */
    void check(long bytesOrMessages, long bytes) throws IOException {
        if (received != bytesOrMessages) {
            throw new IOException("the client has sent " + bytesOrMessages + ", but the server received " + received);
        }
        if (sent != bytes) {
            throw new IOException("the server has sent " + sent + " bytes, but the client received " + bytes);
        }
    }
}
