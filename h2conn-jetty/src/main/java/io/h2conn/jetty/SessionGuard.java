package io.h2conn.jetty;

import io.h2conn.ErrorCode;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.EventListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over the peer of one session: ends the session where Jetty has no bound of its own, and says in the log, once,
 * that and why this side has ended a TCP connection.
 */
final class SessionGuard implements HTTP2Session.FrameListener {
    private static final Logger LOG = LoggerFactory.getLogger(SessionGuard.class);
    private static final LogRation RATION = new LogRation();

    /**
     * Frames. Jetty queues about a hundred bytes for each that has an effect on what it writes, also while it cannot
     * write, because the peer does not read. A peer that consumes what it has got sends far fewer.
     */
    private static final int MAX_UNHEARD = 50_000;

    /** For the GOAWAY to leave. A peer that does not read would keep the session for ever. */
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HTTP2Session session;
    /** On a client, whose parser has no rate control, and cannot be given one. */
    private final @Nullable DuplexRateControl rates;

    private final AtomicBoolean ended = new AtomicBoolean();

    // Only the thread that parses uses these.
    private long written;
    private int unheard;

    private SessionGuard(HTTP2Session session, @Nullable DuplexRateControl rates) {
        this.session = session;
        this.rates = rates;
    }

    /** Begins to watch over a session that has just opened. */
    static void begin(HTTP2Session session, boolean client) {
        DuplexRateControl rates = client ? new DuplexRateControl() : null;
        SessionGuard guard = new SessionGuard(session, rates);
        session.addEventListener(guard);
        if (rates == null) {
            session.getParser().rateControlOnEvent(guard); // a stranger's rate control counts it as one event
        }
    }

    @Override
    public void onIncomingFrame(Session unused, Frame frame) {
        switch (frame.getType()) {
            case WINDOW_UPDATE, PING, SETTINGS -> countUnheard();
            default -> {} // has no effect on what is written, or one that is bounded
        }
        DuplexRateControl control = rates;
        if (control != null && frame.getType() == FrameType.PUSH_PROMISE) {
            // RFC 9113, section 8.4: our SETTINGS forbid it. Jetty only ignores it.
            endSession(ErrorCode.PROTOCOL_ERROR, "a push, which this client has forbidden", "push");
        } else if (control != null && isCharged(frame) && !control.onEvent(frame)) {
            endSession(ErrorCode.ENHANCE_YOUR_CALM, DuplexRateControl.describe(frame), "frame_rate");
        }
    }

    private static boolean isCharged(Frame frame) {
        return switch (frame.getType()) {
            case PING, SETTINGS, RST_STREAM, PRIORITY -> true;
            case DATA -> frame instanceof DataFrame data && data.remaining() == 0 && !data.isEndStream();
            case HEADERS ->
                frame instanceof HeadersFrame headers
                        && headers.getMetaData() instanceof MetaData.Response response
                        && HttpStatus.isInterim(response.getStatus());
            default -> false;
        };
    }

    private void countUnheard() {
        long now = session.getBytesWritten();
        if (now != written || !isWriting()) {
            written = now;
            unheard = 0;
        }
        unheard++;
        if (unheard > MAX_UNHEARD) {
            unheard = 0;
            endSession(
                    ErrorCode.ENHANCE_YOUR_CALM,
                    "more than " + MAX_UNHEARD + " frames while it read nothing",
                    "not_reading");
        }
    }

    private boolean isWriting() {
        return session.getEndPoint() instanceof AbstractEndPoint endPoint
                && endPoint.getWriteFlusher().isPending();
    }

    private void endSession(ErrorCode code, String why, String reason) {
        onEnd(code, why);
        if (session.getEndPoint().getConnection() instanceof HTTP2Connection connection) {
            connection.onConnectionFailure(code.wire(), reason); // parses no more
        } else {
            session.onConnectionFailure(code.wire(), reason);
        }
    }

    /** The session is about to be ended, because the peer has sent too much of something. */
    void onExcess(String excess) {
        onEnd(ErrorCode.ENHANCE_YOUR_CALM, excess);
    }

    /** {@inheritDoc} A GOAWAY with an error is the end of the session. */
    @Override
    public void onOutgoingFrame(Session unused, Frame frame) {
        if (frame instanceof GoAwayFrame away) {
            ErrorCode code = ErrorCode.of(away.getError());
            if (!code.equals(ErrorCode.NO_ERROR)) {
                byte[] reason = away.getPayload();
                onEnd(code, reason == null ? "" : new String(reason, StandardCharsets.UTF_8));
            }
        }
    }

    /**
     * The session has failed.
     *
     * @return whether this side ends it, and is about to tell the peer why
     */
    static boolean onFailure(HTTP2Session session, Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof ClosedChannelException || failure instanceof TimeoutException || message == null) {
            return false;
        }
        // Jetty's words: the code's name, and the rule's.
        int slash = message.indexOf('/');
        if (slash <= 0 || message.startsWith("no_error")) {
            return false;
        }
        for (EventListener listener : session.getEventListeners()) {
            if (listener instanceof SessionGuard guard) {
                guard.onEnd(message.substring(0, slash) + " " + message.substring(slash + 1));
            }
        }
        return true;
    }

    private void onEnd(ErrorCode code, String why) {
        onEnd(code + " " + why);
    }

    private void onEnd(String why) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        RATION.log(suffix -> LOG.warn(
                "ended the TCP connection with {}, which broke the rules of HTTP/2: {}{}",
                session.getEndPoint().getRemoteSocketAddress(),
                why,
                suffix));
        Timer unused = Threads.schedule(session::disconnect, FAREWELL_NANOS);
    }
}
