package io.h2conn.jetty;

import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes an engine's pieces to a stream and passes on the answers, each exactly once. Jetty takes one write at a time,
 * which is how the engine sends; so this is the callback of all of them.
 *
 * <p><b>Pacing.</b> Jetty gets only what the peer's window for the stream has room for: it looks at all that it cannot
 * send yet whenever it writes anything, so a hundred stalled streams would slow down every other one of the session. The
 * rest of a piece waits here until the window opens ({@link #onWindow}), or until the stream is broken: then Jetty gets
 * it all the same, and fails it. Nobody else uses the window, so it does not shrink unless the peer changes its settings.
 * A piece is published as held before the window is looked at again, and the window grows before {@link #onWindow} is
 * called: one of the two sees the other.
 */
final class StreamWriter implements SessionWriter.Piece, Callback {
    /** How long a failed write waits for the event that explains it: Jetty may fail the write first. */
    static final long EXPLANATION_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final Logger LOG = LoggerFactory.getLogger(StreamWriter.class);

    // Each is taken once, by whoever comes first.
    private static final AtomicReferenceFieldUpdater<StreamWriter, @Nullable Throwable> UNEXPLAINED =
            AtomicReferenceFieldUpdater.newUpdater(StreamWriter.class, Throwable.class, "unexplained");
    private static final AtomicReferenceFieldUpdater<StreamWriter, @Nullable Runnable> AFTER_END =
            AtomicReferenceFieldUpdater.newUpdater(StreamWriter.class, Runnable.class, "afterEnd");
    private static final AtomicIntegerFieldUpdater<StreamWriter> HELD =
            AtomicIntegerFieldUpdater.newUpdater(StreamWriter.class, "held");

    private final Engine engine;

    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile @Nullable Throwable unexplained;
    /** The engine knows why writes fail, and needs no event any more. */
    private volatile boolean explained;

    private volatile @Nullable HTTP2Stream stream;
    /** What the session's other streams send with; none where Jetty is to pace the stream. */
    private @Nullable SessionWriter pacing;

    private @Nullable ByteBuffer data;
    /** Where the piece ends in {@link #data}, whose limit says how much of it Jetty has. */
    private int limit;

    private @Nullable HttpHeaders trailers;
    /** Of what Jetty was given last, to tell it from what follows; written before {@link #answered}. */
    private int number;

    /** 1 while a piece, or the rest of it, waits for the peer's window. */
    private volatile int held;

    private volatile boolean answered = true;
    private volatile boolean ending;
    private volatile boolean ended;

    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile @Nullable Runnable afterEnd;

    StreamWriter(Engine engine) {
        this.engine = engine;
    }

    /** Whether the end was sent or is being sent. */
    boolean ending() {
        return ending;
    }

    /** Whether the end is on the socket. */
    boolean ended() {
        return ended;
    }

    /**
     * The stream to write to. Before the first piece.
     *
     * @param paced whether {@link #onWindow} will be called
     */
    void attach(HTTP2Stream stream, SessionWriter joint, boolean paced) {
        this.pacing = paced ? joint : null;
        this.stream = stream;
    }

    void send(SessionWriter joint, ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        this.data = data;
        this.limit = data.limit();
        this.trailers = trailers;
        answered = false;
        ending = end;
        if (portion()) {
            joint.send(this);
        } else {
            hold();
        }
    }

    /** Marks off as much of what is left as Jetty may have now. Returns whether there is anything to give it. */
    private boolean portion() {
        ByteBuffer data = Objects.requireNonNull(this.data);
        HTTP2Stream stream = Objects.requireNonNull(this.stream);
        number++;
        int start = data.position();
        int room = pacing == null ? limit - start : stream.getSendWindow();
        if (room >= limit - start || isBroken(stream)) {
            data.limit(limit);
        } else if (room > 0) {
            data.limit(start + room);
        } else {
            return false;
        }
        return true;
    }

    private void hold() {
        held = 1;
        HTTP2Stream stream = Objects.requireNonNull(this.stream);
        if (stream.getSendWindow() > 0 || isBroken(stream)) {
            release();
        }
    }

    /** The peer's window for the stream has grown. Called under locks of Jetty's. */
    void onWindow() {
        SessionWriter joint = pacing;
        if (held != 0 && joint != null) {
            joint.soon(this::release);
        }
    }

    /** The window may have opened, or the stream may be broken. Safe for any thread. */
    void release() {
        if (held != 0 && HELD.compareAndSet(this, 1, 0)) {
            sendNext();
        }
    }

    private void sendNext() {
        if (portion()) {
            send();
        } else {
            hold();
        }
    }

    private boolean isPart() {
        return Objects.requireNonNull(data).limit() < limit;
    }

    @Override
    public int size() {
        return Objects.requireNonNull(data).remaining();
    }

    @Override
    public boolean isUrgent() {
        return ending;
    }

    @Override
    public void send() {
        int own = number;
        try {
            sendNow(Objects.requireNonNull(stream), Objects.requireNonNull(data));
        } catch (Throwable t) {
            // Another thread may have got the answer meanwhile, and have begun with the next piece.
            if (answered || number != own) {
                LOG.error("{}: writing failed after it was done", engine.id(), t);
            } else {
                engine.onSendThrew(t);
            }
        }
    }

    private void sendNow(HTTP2Stream stream, ByteBuffer data) {
        HttpHeaders trailers = this.trailers;
        if (isPart()) {
            stream.data(new DataFrame(stream.getId(), data, false), this);
        } else if (trailers == null) {
            stream.data(new DataFrame(stream.getId(), data, ending), this);
        } else if (data.hasRemaining()) {
            stream.data(
                    new DataFrame(stream.getId(), data, false),
                    Callback.from(InvocationType.NON_BLOCKING, () -> sendTrailers(stream, trailers), this::failed));
        } else {
            sendTrailers(stream, trailers);
        }
    }

    private void sendTrailers(HTTP2Stream stream, HttpHeaders trailers) {
        MetaData metaData = new MetaData(HttpVersion.HTTP_2, Headers.toFields(trailers));
        stream.headers(new HeadersFrame(stream.getId(), metaData, null, true), this);
    }

    /**
     * The engine was told what broke the stream, or has ended: a write that failed, or will, waits for nothing more.
     */
    void explained() {
        explained = true;
        release();
        report();
    }

    /** Jetty has answered: the next piece may come at any moment. */
    private void settle() {
        answered = true;
        data = null;
    }

    /** Whether something is known to be wrong with a stream, so that its failed writes are only symptoms. */
    static boolean isBroken(HTTP2Stream stream) {
        return stream.isResetOrFailed()
                || stream.isClosed()
                || stream.getSession().isDisconnected();
    }

    private void onFailed(Throwable cause) {
        HTTP2Stream stream = this.stream;
        unexplained = cause;
        if (explained || stream == null || !isBroken(stream)) {
            report();
        } else {
            Timer unused = Threads.schedule(this::report, EXPLANATION_NANOS);
        }
    }

    private void report() {
        Throwable cause = UNEXPLAINED.getAndSet(this, null);
        if (cause == null) {
            return;
        }
        HTTP2Stream broken = stream;
        ErrorCode code = broken == null || explained ? null : SessionMemory.peerReset(broken);
        if (code != null) {
            engine.onPeerReset(code); // on a busy machine its event may be later than this, which it has caused
        }
        engine.onSendFailed(cause);
    }

    /**
     * Runs something when the write of our end is answered, or a little later without that; at once unless it is under
     * way. For going on after a loss: Jetty then closes the socket, and fails a write that is on it already.
     */
    void afterEnd(Runnable next) {
        if (!ending || ended) {
            next.run();
            return;
        }
        afterEnd = next;
        if (ended) {
            runAfterEnd();
        } else {
            Timer unused = Threads.schedule(this::runAfterEnd, EXPLANATION_NANOS);
        }
    }

    private void runAfterEnd() {
        Runnable next = AFTER_END.getAndSet(this, null);
        if (next != null) {
            next.run();
        }
    }

    // ---------------------------------------------------------------- the answer to a write, of which there is one at
    // a time

    @Override
    public void succeeded() {
        if (isPart()) {
            sendNext();
            return;
        }
        if (ending) {
            ended = true;
        }
        settle();
        engine.onSent();
        runAfterEnd();
    }

    @Override
    public void failed(Throwable x) {
        settle();
        onFailed(x);
        runAfterEnd();
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
