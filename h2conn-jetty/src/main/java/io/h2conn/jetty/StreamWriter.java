package io.h2conn.jetty;

import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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

    private final Engine engine;

    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile @Nullable Throwable unexplained;
    /** The engine knows why writes fail, and needs no event any more. */
    private volatile boolean explained;

    private volatile @Nullable HTTP2Stream stream;
    private @Nullable ByteBuffer data;
    private @Nullable HttpHeaders trailers;
    /** Of the piece, to tell it from the next one; written before {@link #answered}. */
    private int number;

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

    void send(SessionWriter joint, HTTP2Stream stream, ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        if (this.stream == null) {
            // Once: to store a reference, even the same, costs the garbage collector as much as a small write.
            this.stream = stream;
        }
        this.data = data;
        this.trailers = trailers;
        number++;
        answered = false;
        ending = end;
        joint.send(this);
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
        if (trailers == null) {
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
