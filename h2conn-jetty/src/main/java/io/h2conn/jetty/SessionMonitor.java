package io.h2conn.jetty;

import io.h2conn.ConnectionLostException;
import io.h2conn.Origin;
import io.h2conn.internal.Durations;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the peers that are gone without a word, and those that no longer read. TCP by itself takes a quarter of an hour for the
 * first, if there is something to send, and for ever otherwise; and Jetty never answers a write that the second do not take.
 *
 * <p>Looks at the session now and then, as long as it has streams, and counts looks instead of reading a clock: a process that
 * was stopped for a minute then has missed looks, and not its peer's answers. Any byte that has arrived is life. When nothing has
 * for a heartbeat, a PING asks; the third silent heartbeat is the end. PINGs are answered by the peer's HTTP/2 implementation,
 * hop by hop.
 */
final class SessionMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(SessionMonitor.class);

    /** Looks in a heartbeat. One more at the most may pass before silence is seen to begin. */
    private static final int LOOKS_IN_HEARTBEAT = 2;

    /** Looks in the write timeout, at the least. */
    private static final int LOOKS_IN_WRITE_TIMEOUT = 4;

    private final HTTP2Session session;
    private final SessionMemory memory;
    private final @Nullable SparingEndPoint sparing;
    private final AtomicBoolean watching = new AtomicBoolean();
    private volatile Liveness liveness = Liveness.DEFAULT;
    private volatile long askedAt;

    // Only touched by the look, of which there is one at a time.
    private long received;
    private long written;
    private int silent;
    private int asked;
    private int stuck;
    private int quiet;
    private boolean wasFull;

    SessionMonitor(HTTP2Session session, SessionMemory memory) {
        this.session = session;
        this.memory = memory;
        this.sparing = SparingEndPoint.of(session.getEndPoint());
    }

    /** Sets how the peer is watched, from the next look on. */
    void liveness(Liveness chosen) {
        liveness = chosen;
    }

    /** There is a stream: begins to look, unless it does. Cheap to repeat. */
    void watch() {
        if (!watching.get() && watching.compareAndSet(false, true)) {
            received = received();
            written = written();
            silent = 0;
            asked = 0;
            stuck = 0;
            quiet = 0;
            wasFull = false;
            lookLater();
        }
    }

    private void lookLater() {
        long interval = interval(liveness);
        if (interval > 0) {
            Timer unused = Threads.schedule(this::look, interval);
        }
    }

    /** Nanoseconds between two looks; 0 if there is nothing to look for. */
    private static long interval(Liveness liveness) {
        long heartbeat = liveness.heartbeat().toNanos() / LOOKS_IN_HEARTBEAT;
        long write = liveness.writeTimeout().toNanos() / LOOKS_IN_WRITE_TIMEOUT;
        return heartbeat == 0 ? write : write == 0 ? heartbeat : Math.min(heartbeat, write);
    }

    private void look() {
        if (session.isDisconnected()) {
            return;
        }
        if (!memory.writer().hasStreams() && !isWritePending()) { // a GOAWAY, too, may never be taken
            watching.set(false);
            if (memory.writer().hasStreams()) {
                watch(); // a stream that came in between has seen that this was under way
            }
            return;
        }
        Liveness now = liveness;
        long interval = interval(now);
        boolean moved = written() != written;
        boolean heard = lookForInput(now.heartbeat(), interval, moved && wasFull);
        if (heard && !moved) {
            showLife(now.heartbeat(), interval);
        } else {
            quiet = 0;
        }
        wasFull = isWritePending();
        lookForOutput(now.writeTimeout(), interval, heard);
        if (!session.isDisconnected()) {
            lookLater();
        }
    }

    /**
     * Looks for life. Bytes that the operating system takes after it could take no more are a sign of it, too: the peer has
     * acknowledged others. Its answer to a PING may be far away then, for the PING waits behind all that was taken before.
     */
    private boolean lookForInput(Duration heartbeat, long interval, boolean acknowledged) {
        long seen = received();
        boolean heard = seen != received || acknowledged;
        received = seen;
        if (heard) {
            silent = 0;
            asked = 0;
        } else if (!heartbeat.isZero()) {
            silent++;
            int beats = (int) (silent / looks(heartbeat, interval));
            if (beats >= Liveness.SILENT_HEARTBEATS) {
                end("nothing has arrived from the peer for about "
                        + Durations.text(heartbeat.multipliedBy(Liveness.SILENT_HEARTBEATS)) + ", nor an answer to "
                        + asked
                        + " heartbeats: it is gone, frozen, or cut off");
            } else if (beats > asked) {
                asked = beats;
                ask();
            }
        }
        return heard;
    }

    private static long looks(Duration heartbeat, long interval) {
        return Math.max(1, heartbeat.toNanos() / interval);
    }

    /**
     * This side has only received since the last look. The peer cannot know that, and its PINGs may be stuck behind what this side
     * receives slowly: once in a heartbeat the credit that is due sooner or later leaves now, as a sign of life. Over TLS, bytes may
     * arrive for longer than that without anything to give back: part of a record. Then a PING does.
     */
    private void showLife(Duration heartbeat, long interval) {
        if (++quiet >= looks(heartbeat, interval) && !heartbeat.isZero()) {
            quiet = 0;
            DuplexFlowControl ours = DuplexFlowControl.of(session);
            boolean shown = ours != null && ours.settle(session);
            if (!shown) {
                ask();
            }
        }
    }

    private void ask() {
        long now = System.nanoTime();
        askedAt = now;
        session.ping(new PingFrame(now, false), Callback.NOOP);
    }

    /** An answer to a PING, perhaps one of ours. */
    void onAnswer(PingFrame answer) {
        long sent = askedAt;
        if (sent != 0 && answer.getPayloadAsLong() == sent) {
            askedAt = 0;
            long nanos = Math.max(1, System.nanoTime() - sent);
            memory.facts(session).roundTrip(nanos);
            Duration roundTrip = Duration.ofNanos(nanos);
            session.getStreams().forEach(stream -> StreamTransport.tellHeartbeat(stream, roundTrip));
        }
    }

    private void lookForOutput(Duration limit, long interval, boolean heard) {
        long seen = written();
        boolean progress = seen != written || (sparing == null && !heard && wasBusy(interval));
        written = seen;
        if (limit.isZero() || progress || !isWritePending()) {
            stuck = 0;
        } else if (++stuck > limit.toNanos() / interval) {
            end("the peer has taken nothing from the TCP connection for about " + Durations.text(limit)
                    + ", while bytes for it wait: it no longer reads");
        }
    }

    /**
     * Bytes that the operating system has taken. Jetty's own count, all there is for an end point of Jetty's, moves only when a
     * write has ended.
     */
    private long written() {
        return sparing == null ? session.getBytesWritten() : sparing.flushed();
    }

    /** Whether an end point of Jetty's has read or written since the last look. */
    private boolean wasBusy(long interval) {
        return session.getEndPoint() instanceof AbstractEndPoint endPoint
                && endPoint.getIdleFor() * 1_000_000 < interval;
    }

    private boolean isWritePending() {
        return Stalls.isWritePending(session);
    }

    /** Bytes that have arrived; with TLS, those of its records, of which a slow network takes long to bring a whole one. */
    private long received() {
        if (session.getEndPoint() instanceof SslConnection.SslEndPoint tls) {
            return tls.getSslConnection().getBytesIn();
        }
        return session.getEndPoint().getConnection() instanceof HTTP2Connection connection
                ? connection.getBytesIn()
                : 0;
    }

    /** Fails every stream of the session, and every write that waits. */
    private void end(String why) {
        LOG.info("ending the session with {}: {}", session.getEndPoint().getRemoteSocketAddress(), why);
        memory.diagnose(new ConnectionLostException(why, Origin.NETWORK, null, false, null));
        session.disconnect();
    }
}
