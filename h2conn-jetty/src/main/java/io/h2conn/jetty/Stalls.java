package io.h2conn.jetty;

import io.h2conn.StallCause;
import io.h2conn.internal.Outlet;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.io.AbstractEndPoint;

/** Tells what keeps a stream from sending. */
final class Stalls {
    private Stalls() {}

    /** What a stream could send now. */
    static Outlet outlet(HTTP2Stream stream) {
        HTTP2Session session = stream.getSession();
        DuplexFlowControl ours = DuplexFlowControl.of(session);
        int streamWindow = stream.getSendWindow();
        int sessionWindow = session.getSendWindow();
        // The network first: windows may be empty as well, but nothing could be written if they were not.
        if (isWritePending(session)) {
            SparingEndPoint endPoint = SparingEndPoint.of(session.getEndPoint());
            Long since = endPoint == null ? null : endPoint.fullSince();
            return new Outlet(streamWindow, sessionWindow, StallCause.NETWORK, since);
        } else if (streamWindow <= 0) {
            Long since = ours == null ? null : ours.emptySince(stream);
            return new Outlet(streamWindow, sessionWindow, StallCause.STREAM_WINDOW, since);
        } else if (sessionWindow <= 0) {
            Long since = ours == null ? null : ours.emptySince();
            return new Outlet(streamWindow, sessionWindow, StallCause.SESSION_WINDOW, since);
        }
        return new Outlet(streamWindow, sessionWindow, StallCause.UNKNOWN, null);
    }

    /** Whether the operating system has not taken all that it was given. */
    static boolean isWritePending(HTTP2Session session) {
        return session.getEndPoint() instanceof AbstractEndPoint endPoint
                && endPoint.getWriteFlusher().isPending();
    }
}
