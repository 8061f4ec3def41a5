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
        @Nullable Long since) {}
