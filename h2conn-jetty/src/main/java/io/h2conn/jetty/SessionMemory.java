package io.h2conn.jetty;

import io.h2conn.ConnectionLostException;
import io.h2conn.ErrorCode;
import java.util.Collections;
import java.util.EventListener;
import java.util.Map;
import java.util.WeakHashMap;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * Remembers, for one session, what explains its end. Jetty reports the loss of a session to its streams as "input
 * shutdown", whatever the peer's GOAWAY had said before.
 */
public final class SessionMemory implements HTTP2Session.FrameListener, HTTP2Session.LifeCycleListener {
    private final SessionWriter writer;
    private final SessionMonitor monitor;
    // Kept here and not as attributes of the stream, which would cost each stream a map. Gone when the stream is.
    private final Map<Stream, ErrorCode> resets = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<Stream, HttpFields> trailers = Collections.synchronizedMap(new WeakHashMap<>());
    private volatile @Nullable SessionFacts facts;
    private volatile @Nullable GoAway goAway;
    private volatile @Nullable ConnectionLostException diagnosis;
    private volatile @Nullable LifeCycle owner;

    /**
     * The peer's last GOAWAY (RFC 9113, section 6.8).
     *
     * @param code why
     * @param reason the peer's own words, perhaps empty
     */
    public record GoAway(ErrorCode code, String reason) {}

    private SessionMemory(HTTP2Session session) {
        writer = new SessionWriter(session);
        monitor = new SessionMonitor(session, this);
    }

    /**
     * The memory of a session. Starts to remember with the first call for that session.
     *
     * @param session the session
     * @return the same object every time
     */
    public static SessionMemory of(HTTP2Session session) {
        for (EventListener listener : session.getEventListeners()) {
            if (listener instanceof SessionMemory memory) {
                return memory;
            }
        }
        // Two threads may both come here. Both memories then remember the same, and the first one is found from now on.
        SessionMemory memory = new SessionMemory(session);
        session.addEventListener(memory);
        return memory;
    }

    /**
     * The last GOAWAY.
     *
     * @return what the peer said, or {@code null} if it has sent none
     */
    public @Nullable GoAway goAway() {
        return goAway;
    }

    /**
     * Says why the session is about to be disconnected, so that its streams report that and not the symptom. The first
     * diagnosis wins.
     *
     * @param cause what was found, such as a missed heartbeat
     */
    public void diagnose(ConnectionLostException cause) {
        synchronized (this) {
            if (diagnosis == null) {
                diagnosis = cause;
            }
        }
    }

    /**
     * Says what on this side the session belongs to, so that its end can be told from the network's doing.
     *
     * @param owner the connector or client; while it runs, this side does not stop the session
     */
    public void owner(LifeCycle owner) {
        this.owner = owner;
    }

    /**
     * Sends what opens or accepts a stream, now or very soon, in company with what other streams send.
     *
     * @param urgent whether somebody waits for it
     * @param headers hands it to Jetty; must not throw
     */
    public void sendHeaders(boolean urgent, Runnable headers) {
        writer.sendHeaders(new Headers(urgent, headers));
    }

    private record Headers(boolean isUrgent, Runnable headers) implements SessionWriter.Piece {
        /** Bytes. About what a request has. */
        private static final int SIZE = 256;

        @Override
        public void send() {
            headers.run();
        }

        @Override
        public int size() {
            return SIZE;
        }
    }

    /** Sets how the peer is watched; without it, by default. */
    void liveness(Liveness chosen) {
        monitor.liveness(chosen);
    }

    /** There is a stream of ours: its writer. The peer is watched from now on. */
    SessionWriter addStream() {
        writer.addStream();
        monitor.watch();
        return writer;
    }

    /** What the session's streams write with. */
    SessionWriter writer() {
        return writer;
    }

    /** Whether this side is stopping what the session belongs to, as far as is known. */
    boolean isStopping() {
        LifeCycle known = owner;
        return known != null && !known.isRunning();
    }

    /** What the streams of the session have in common; looked up when the first of them asks. */
    SessionFacts facts(HTTP2Session session) {
        SessionFacts known = facts;
        if (known == null) {
            known = new SessionFacts(session);
            facts = known;
        }
        return known;
    }

    @Nullable
    ConnectionLostException diagnosis() {
        return diagnosis;
    }

    /**
     * The code with which the peer has reset a stream, whoever was told of it. Known before Jetty acts on the frame;
     * {@code null} also if that was before this memory began.
     */
    static @Nullable ErrorCode peerReset(Stream stream) {
        return of((HTTP2Session) stream.getSession()).resets.get(stream);
    }

    /** Trailers that arrived before our listener did. */
    static @Nullable HttpFields earlyTrailers(Stream stream) {
        return of((HTTP2Session) stream.getSession()).trailers.get(stream);
    }

    @Override
    public void onClose(Session session) {
        writer.rescue();
    }

    @Override
    public void onIncomingFrame(Session session, Frame frame) {
        writer.noteReader();
        if (frame instanceof GoAwayFrame away) {
            String payload = away.tryConvertPayload();
            goAway = new GoAway(ErrorCode.of(away.getError()), payload == null ? "" : payload);
            session.getStreams().forEach(StreamTransport::tellDraining);
        } else if (frame instanceof PingFrame ping && ping.isReply()) {
            monitor.onAnswer(ping);
        } else if (frame instanceof ResetFrame reset) {
            keep(session, reset.getStreamId(), resets, ErrorCode.of(reset.getError()));
        } else if (frame instanceof HeadersFrame headers && isTrailers(headers.getMetaData())) {
            keep(session, headers.getStreamId(), trailers, headers.getMetaData().getHttpFields());
        }
    }

    private static boolean isTrailers(@Nullable MetaData metaData) {
        return metaData != null && !metaData.isRequest() && !metaData.isResponse();
    }

    private static <V> void keep(Session session, int streamId, Map<Stream, V> notes, V note) {
        Stream stream = session.getStream(streamId);
        if (stream != null) {
            notes.put(stream, note);
        }
    }
}
