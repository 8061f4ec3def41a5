package io.h2conn.conformance;

import io.h2conn.ConnectionOptions;

/**
 * How much data the tests move. A window of a few bytes costs a round trip every few bytes, so that the amounts that
 * exercise a normal window would take minutes.
 *
 * @param bulkBytes what the largest transfers carry, at least 4,096; more than the windows of both ends and the send
 *     buffer together, or tests for backpressure prove less than they say
 * @param sendBufferBytes the send buffer that the tests give each end, at least 1
 */
public record Scale(int bulkBytes, int sendBufferBytes) {
    /** For windows of a normal size: transfers of 8 MiB, and the send buffer that connections have by default. */
    public static final Scale FULL = new Scale(8 * 1024 * 1024, ConnectionOptions.DEFAULT_SEND_BUFFER_BYTES);

    /** For windows of a few bytes: transfers of 8 KiB, and a send buffer of 512 bytes. */
    public static final Scale TINY = new Scale(8 * 1024, 512);

    private static final int MIN_BULK_BYTES = 4096;

    /**
     * Makes a scale.
     *
     * @throws IllegalArgumentException if {@code bulkBytes} is less than 4,096 or {@code sendBufferBytes} less than 1
     */
    public Scale {
        if (bulkBytes < MIN_BULK_BYTES) {
            throw new IllegalArgumentException(
                    "bulkBytes must be at least " + MIN_BULK_BYTES + " but was " + bulkBytes);
        }
        if (sendBufferBytes < 1) {
            throw new IllegalArgumentException("sendBufferBytes must be at least 1 but was " + sendBufferBytes);
        }
    }

    /** The largest block that a test writes in one call where many are written. */
    int blockBytes() {
        return bulkBytes / 8;
    }
}
