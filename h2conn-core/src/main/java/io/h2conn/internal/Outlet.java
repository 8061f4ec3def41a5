package io.h2conn.internal;

import io.h2conn.StallCause;
import org.jspecify.annotations.Nullable;

/**
 * What a transport could send at this moment.
 *
 * @param streamWindow bytes that the peer takes for this stream
 * @param sessionWindow bytes that it takes for all streams together, or {@code null} where there is no such limit
 * @param cause what keeps it from sending anything
 * @param since the reading of {@link System#nanoTime} from which on that has been so, or {@code null} if nobody has noted it
 */
public record Outlet(
        int streamWindow,
        @Nullable Integer sessionWindow,
        StallCause cause,
        @Nullable Long since) {
    /** The cause as an explanation that follows a statement, or nothing. */
    String why() {
        return switch (cause) {
            case STREAM_WINDOW -> ", since the peer does not read: its window for this stream is empty";
            case SESSION_WINDOW -> ", since the peer's window for all connections of the session is empty";
            case NETWORK -> ", since the peer takes nothing from the TCP connection";
            case UNKNOWN -> "";
        };
    }
}
