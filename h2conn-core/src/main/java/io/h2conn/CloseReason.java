package io.h2conn;

import org.jspecify.annotations.Nullable;

/**
 * How a connection ended, and what it had carried by then.
 *
 * @param origin who ended it: for an orderly end, the side whose half ended first; for a failure, the culprit
 * @param code {@link ErrorCode#NO_ERROR} for an orderly end, the code of the RST_STREAM or GOAWAY for a failure, and
 *     {@code null} for a failure without one
 * @param failure the first failure, or {@code null} for an orderly end of both halves
 * @param bytesReceived bytes that had arrived from the peer, read or not
 * @param bytesSent bytes known to have been written to the operating system's socket
 * @param bytesNotDelivered bytes that {@code write} had accepted and that are not known to have been written: they were
 *     dropped before, or were part of a piece of which the transport may have sent some. Never fewer than were lost
 */
public record CloseReason(
        Origin origin,
        @Nullable ErrorCode code,
        @Nullable ConnectionFailure failure,
        long bytesReceived,
        long bytesSent,
        long bytesNotDelivered) {

    /**
     * Whether both halves ended with END_STREAM and nothing accepted was lost.
     *
     * @return {@code true} if there was no failure
     */
    public boolean isOrderly() {
        return failure == null;
    }
}
