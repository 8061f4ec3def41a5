package io.h2conn.jetty;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http2.AbstractFlowControlStrategy;
import org.eclipse.jetty.http2.FlowControlStrategy;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.WindowUpdateFrame;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Flow control that isolates streams from each other (RFC 9113, section 5.2). The session's window is given back as
 * soon as data arrives, a stream's only as its application consumes: a stream that nobody reads then stalls itself
 * alone. With Jetty's own strategies two such streams fill the window that all of them share, and every other stream
 * on the TCP connection stalls with them. Memory is bounded by the sum of the streams' windows.
 *
 * <p>For streams with a {@link StreamTransport} the engine decides when a stream's window is given back, by
 * {@link #credit}; for all others Jetty's "consumed" does, in batches of half the initial window. One instance serves
 * one session.
 */
public final class DuplexFlowControl extends AbstractFlowControlStrategy {
    private static final int FIRST_WINDOW = 512 * 1024;

    /** Bytes consumed by ordinary streams and not yet given back. Only streams that have some are here. */
    private final Map<Stream, AtomicInteger> owed = new ConcurrentHashMap<>();

    /** Bytes received on the session and not yet given back. */
    private final AtomicInteger sessionOwed = new AtomicInteger();

    private final int maxWindow;

    // Since when the peer's windows are empty: readings of the clock. Jetty notes the same, and shows it to nobody.
    private final Map<Stream, Long> emptySince = new ConcurrentHashMap<>();
    private volatile long sessionEmptySince;

    /**
     * Makes the flow control of one session.
     *
     * @param maxWindow bytes that a stream's receive window may grow to
     */
    public DuplexFlowControl(int maxWindow) {
        super(FlowControlStrategy.DEFAULT_WINDOW_SIZE);
        this.maxWindow = maxWindow;
    }

    /**
     * The window that streams begin with: no more than suits a connection that moves little, or that nobody reads.
     *
     * @param maxWindow bytes that it may grow to
     * @return bytes
     */
    public static int firstWindow(int maxWindow) {
        return Math.min(maxWindow, FIRST_WINDOW);
    }

    /** The flow control of a session, if it is this one. */
    static @Nullable DuplexFlowControl of(HTTP2Session session) {
        return session.getFlowControlStrategy() instanceof DuplexFlowControl ours ? ours : null;
    }

    int maxWindow() {
        return maxWindow;
    }

    /** {@inheritDoc} Gives the session's window back when half of it is used, also for streams that no longer exist. */
    @Override
    public void onDataReceived(Session session, Stream stream, int length) {
        super.onDataReceived(session, stream, length);
        int left = updateRecvWindow(session, 0);
        if (left < 0) {
            return; // The peer sent more than it may: the session checks that next, and must see it.
        }
        if (sessionOwed.addAndGet(length) >= left) {
            boolean unused = settle(session);
        }
    }

    /**
     * Gives back at once what the session has received so far. Safe for any thread.
     *
     * @param session the session that this flow control serves
     * @return whether there was anything to give back
     */
    boolean settle(Session session) {
        int delta = sessionOwed.getAndSet(0);
        if (delta > 0) {
            updateRecvWindow(session, delta);
            sendWindowUpdate(session, null, List.of(new WindowUpdateFrame(0, delta)));
        }
        return delta > 0;
    }

    @Override
    public void onDataConsumed(Session session, Stream stream, int length) {
        if (length <= 0 || stream == null || stream.isRemotelyClosed() || isDuplex(stream)) {
            return;
        }
        AtomicInteger level = owed.computeIfAbsent(stream, unused -> new AtomicInteger());
        if (level.addAndGet(length) > getInitialStreamRecvWindow() / 2) {
            credit((HTTP2Stream) stream, level.getAndSet(0));
        }
    }

    @Override
    public void onStreamCreated(Stream stream) {
        super.onStreamCreated(stream);
        noteIfEmpty(stream); // as it is with a peer whose first windows are empty
    }

    @Override
    public void updateInitialStreamWindow(Session session, int initialStreamWindow, boolean local) {
        super.updateInitialStreamWindow(session, initialStreamWindow, local);
        if (!local) {
            session.getStreams().forEach(this::noteIfEmpty);
        }
    }

    /** {@inheritDoc} Jetty's flusher calls this, for settings of the peer as well, and holds its lock. */
    @Override
    public void onWindowUpdate(Session session, @Nullable Stream stream, WindowUpdateFrame frame) {
        super.onWindowUpdate(session, stream, frame);
        if (stream instanceof HTTP2Stream http2 && http2.getListener() instanceof StreamTransport transport) {
            transport.onWindow();
        }
    }

    private void noteIfEmpty(Stream stream) {
        if (((HTTP2Stream) stream).getSendWindow() <= 0) {
            emptySince.putIfAbsent(stream, System.nanoTime());
        } else {
            emptySince.remove(stream);
        }
    }

    @Override
    protected void onStreamStalled(Stream stream) {
        super.onStreamStalled(stream);
        emptySince.put(stream, System.nanoTime());
    }

    @Override
    protected void onStreamUnstalled(Stream stream) {
        super.onStreamUnstalled(stream);
        emptySince.remove(stream);
    }

    @Override
    protected void onSessionStalled(Session session) {
        super.onSessionStalled(session);
        sessionEmptySince = System.nanoTime();
    }

    /** Since when the peer's window for a stream is empty, if it is. */
    @Nullable
    Long emptySince(Stream stream) {
        return emptySince.get(stream);
    }

    /** Since when the peer's window for the session is empty, if it is. */
    @Nullable
    Long emptySince() {
        long known = sessionEmptySince;
        return known == 0 ? null : known;
    }

    @Override
    public void onStreamDestroyed(Stream stream) {
        owed.remove(stream);
        emptySince.remove(stream);
        super.onStreamDestroyed(stream);
    }

    /**
     * Gives back at once what the stream has consumed so far. Called when an engine takes a stream over, since the
     * engine's own account starts at zero.
     *
     * @param stream the stream, whose listener is the engine's by now
     */
    void settle(HTTP2Stream stream) {
        AtomicInteger level = owed.remove(stream);
        if (level != null) {
            credit(stream, level.getAndSet(0));
        }
    }

    /**
     * Lets the peer send so many more bytes on a stream. Safe for any thread; does nothing if the peer sends no more.
     *
     * @param stream the stream
     * @param bytes how many
     */
    void credit(HTTP2Stream stream, int bytes) {
        if (bytes <= 0 || stream.isRemotelyClosed()) {
            return;
        }
        HTTP2Session session = stream.getSession();
        // The window grows before the frame leaves: the peer's next data may be here before the write returns.
        updateRecvWindow(stream, bytes);
        session.frames(stream, List.of(new WindowUpdateFrame(stream.getId(), bytes)), Callback.NOOP);
    }

    private static boolean isDuplex(Stream stream) {
        return stream instanceof HTTP2Stream http2 && http2.getListener() instanceof StreamTransport;
    }
}
