package io.h2conn.jetty;

import io.h2conn.StallCause;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.io.AbstractEndPoint;

/** Tells what keeps a stream from sending. */
final class Stalls {
    private Stalls() {}

    /** What would keep it from sending now. */
    static StallCause cause(HTTP2Stream stream) {
        HTTP2Session session = stream.getSession();
        if (isWritePending(session)) {
            return StallCause
                    .NETWORK; // first: windows may be empty as well, but nothing could be written if they were not
        } else if (stream.getSendWindow() <= 0) {
            return StallCause.STREAM_WINDOW;
        } else if (session.getSendWindow() <= 0) {
            return StallCause.SESSION_WINDOW;
        }
        return StallCause.UNKNOWN;
    }

    /** Whether the operating system has not taken all that it was given. */
    static boolean isWritePending(HTTP2Session session) {
        return session.getEndPoint() instanceof AbstractEndPoint endPoint
                && endPoint.getWriteFlusher().isPending();
    }
}
