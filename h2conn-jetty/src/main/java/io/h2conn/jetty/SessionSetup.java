package io.h2conn.jetty;

import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;

/** What is set for each session, on both sides, as it opens. */
public final class SessionSetup {
    /** Bytes that one write to the socket gathers. */
    private static final int WRITE_THRESHOLD_BYTES = 256 * 1024;
    /** Bytes. TLS encrypts under a lock that reading needs as well. */
    private static final int TLS_WRITE_THRESHOLD_BYTES = 64 * 1024;

    private SessionSetup() {}

    /**
     * Prepares a session: how much it writes at a time, and, with TLS, that it reads into the heap. The JDK's ciphers work
     * on arrays, and copy what is in direct memory there and back. Also bounds what the peer may do to it.
     *
     * @param session just opened
     * @param client whether this side is the client
     * @param liveness how its peer is watched
     */
    public static void prepare(HTTP2Session session, boolean client, Liveness liveness) {
        boolean tls = session.getEndPoint().getSslSessionData() != null;
        session.setWriteThreshold(tls ? TLS_WRITE_THRESHOLD_BYTES : WRITE_THRESHOLD_BYTES);
        if (tls && session.getEndPoint().getConnection() instanceof HTTP2Connection connection) {
            connection.setUseInputDirectByteBuffers(false);
        }
        SessionGuard.begin(session, client);
        SessionMemory.of(session).liveness(liveness); // and it remembers from the first frame on
    }

    /**
     * Says in the log that this side ends a session, where it does because the peer broke the rules. For clients, which
     * are told of it first.
     *
     * @param session the session
     * @param failure Jetty's report
     * @return whether it does, and the peer is about to be told
     */
    public static boolean onFailure(HTTP2Session session, Throwable failure) {
        return SessionGuard.onFailure(session, failure);
    }
}
