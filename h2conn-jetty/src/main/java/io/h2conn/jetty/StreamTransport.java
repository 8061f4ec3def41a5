package io.h2conn.jetty;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Lead;
import io.h2conn.internal.Outlet;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import io.h2conn.internal.Transport;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One {@link HTTP2Stream} as an engine's transport. Holds no lock and decides nothing: it passes on what happens, what
 * arrives by its {@link StreamReader}, what is sent by its {@link StreamWriter}.
 *
 * <p><b>Life.</b> {@link #attach}, then {@link #start} once our headers are out, or {@link #startFailed} if they never
 * will be. Until then events wait.
 */
public final class StreamTransport implements Transport, Stream.Listener {
    /** RFC 9110, section 15: a status below is interim, and another response follows. */
    private static final int FIRST_FINAL_STATUS = 200;

    // Updaters, since an atomic object each would be a tenth of an idle connection.
    private static final AtomicIntegerFieldUpdater<StreamTransport> RESET_SENT =
            AtomicIntegerFieldUpdater.newUpdater(StreamTransport.class, "resetSent");
    private static final AtomicIntegerFieldUpdater<StreamTransport> GONE =
            AtomicIntegerFieldUpdater.newUpdater(StreamTransport.class, "gone");

    private final ExchangeInfo info;
    private final StreamOwner owner;
    private final Engine engine;
    private final StreamWriter writer;
    private final StreamReader reader;

    private volatile @Nullable HTTP2Stream stream;
    private volatile @Nullable SessionWriter joint;
    private volatile @Nullable ErrorCode ownReset;
    /** 1 from the first reset on. */
    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile int resetSent;

    private volatile boolean engineEnded;
    /** Resets a stream that the engine is done with and that does not end by itself. */
    private volatile @Nullable Timer farewell;
    /** 1 when the owner was told that the stream is gone. */
    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile int gone;

    /**
     * Makes a transport and its engine, not yet connected to a stream.
     *
     * @param info the facts known so far; the transport adds addresses, the response and the trailers
     * @param options the connection's options
     * @param role which side this is
     * @param kind what sort of connection it is, for its name
     * @param number tells it from others of that kind
     * @param owner told what becomes of the stream
     */
    public StreamTransport(
            ExchangeInfo info,
            ConnectionOptions options,
            Engine.Role role,
            String kind,
            long number,
            StreamOwner owner) {
        this.info = info;
        this.owner = owner;
        this.engine = new Engine(this, options, role, kind, number);
        this.writer = new StreamWriter(engine);
        this.reader = new StreamReader(engine, writer);
    }

    /**
     * The connection for the application.
     *
     * @return the engine
     */
    public Engine engine() {
        return engine;
    }

    @Override
    public ExchangeInfo info() {
        return info;
    }

    // ---------------------------------------------------------------- the stream's life

    /**
     * Takes a stream over: its events come here from now on. On the client Jetty does this by {@link #onNewStream}.
     *
     * @param stream the stream
     */
    public void attach(HTTP2Stream stream) {
        if (stream.equals(this.stream)) {
            return;
        }
        HTTP2Session session = stream.getSession();
        SessionMemory memory = SessionMemory.of(session);
        this.joint = memory.addStream();
        Lead lead = joint().lead();
        if (lead != null) {
            lead.attend(); // the answer to it may be waited for
        }
        this.stream = stream; // from here on another thread may see that it is closed
        info.session(session);
        stream.setListener(this);
        stream.setIdleTimeout(-1);
        DuplexFlowControl ours = DuplexFlowControl.of(session);
        if (ours != null) {
            ours.settle(stream);
        }
        writer.attach(stream, joint(), ours != null);
        reader.attach(stream, joint(), ours);
        if (memory.goAway() != null) {
            engine.onDraining(); // on a session that was draining already, or that began to meanwhile
        }
        if (stream.isResetOrFailed() || session.isDisconnected()) {
            reader.missed();
        }
        ErrorCode code = ownReset;
        if (code != null) {
            sendReset(stream, code);
        }
    }

    /** The peer's window for the stream has grown. Called under locks of Jetty's. */
    void onWindow() {
        writer.onWindow();
    }

    /** Tells the connection of a stream, if it has one, that its session drains. */
    static void tellDraining(Stream stream) {
        if (stream instanceof HTTP2Stream http2 && http2.getListener() instanceof StreamTransport transport) {
            transport.engine.onDraining();
        }
    }

    /** Tells the connection of a stream, if it has one, that a heartbeat of its session was answered. */
    static void tellHeartbeat(Stream stream, Duration roundTrip) {
        if (stream instanceof HTTP2Stream http2 && http2.getListener() instanceof StreamTransport transport) {
            transport.engine.report(observer -> observer.onHeartbeat(transport.engine, roundTrip));
        }
    }

    /** Our headers are out: the engine may send, and gets what has arrived. */
    public void start() {
        HTTP2Stream stream = this.stream;
        if (stream == null) {
            return;
        }
        HttpFields trailers = SessionMemory.earlyTrailers(stream);
        if (trailers != null && info.trailers() == null) {
            info.trailers(trailers);
        }
        engine.report(observer -> observer.onHeadersSent(engine));
        DuplexFlowControl ours = DuplexFlowControl.of(stream.getSession());
        if (ours == null) {
            engine.start(0, 0);
        } else {
            int window = Math.max(1, ours.getInitialStreamRecvWindow());
            engine.start(window, Math.max(window, ours.maxWindow()));
        }
        reader.start();
        // An event that came between the other listener and ours was told to neither, or is on its way to us.
        if (stream.isResetOrFailed() || stream.getSession().isDisconnected()) {
            reader.explainLater(null);
        }
    }

    /**
     * Our headers could not be sent. Reports the event that prevented it.
     *
     * @param cause Jetty's report
     */
    public void startFailed(Throwable cause) {
        HTTP2Stream stream = this.stream;
        if (stream == null) {
            failWithoutStream(Losses.neverSent(cause));
            return;
        }
        reader.stop(null);
        reader.start();
        if (StreamWriter.isBroken(stream)) {
            reader.explainLater(cause);
        } else {
            reader.onLoss(Losses.neverSent(cause));
            reset(ErrorCode.INTERNAL_ERROR);
        }
    }

    /**
     * There is no stream any more: it was gone before {@link #attach}. Nothing else may be called afterwards but
     * {@link #start} and {@link #startFailed}, which do nothing then.
     *
     * @param session the session that had carried it
     */
    public void missing(HTTP2Session session) {
        info.session(session);
        failWithoutStream(Losses.vanished(session));
    }

    private void failWithoutStream(ConnectionFailure loss) {
        engine.onFailure(loss);
        if (GONE.compareAndSet(this, 0, 1)) {
            owner.onGone();
        }
    }

    @Override
    public void onNewStream(Stream stream) {
        attach((HTTP2Stream) stream);
    }

    @Override
    public void onClosed(Stream stream) {
        joint().rescue();
        writer.release();
        checkGone();
        // Comes with every end, and before the event that explains it; but when Jetty itself resets a stream, because
        // its peer broke the rules, no other event follows.
        boolean inOrder = writer.ending() && (reader.ended() || attached().isLastDataReceived());
        if (!inOrder) {
            reader.explainLater(null);
        }
    }

    @Override
    public void ended() {
        engineEnded = true;
        reader.onEngineEnded();
        writer.explained();
        checkGone();
        HTTP2Stream stream = this.stream;
        if (stream != null && !stream.isClosed()) {
            // Either the engine resets it next, or writing failed for a reason that only this side knows.
            Timer scheduled = Threads.schedule(() -> reset(ErrorCode.INTERNAL_ERROR), StreamWriter.EXPLANATION_NANOS);
            farewell = scheduled;
            if (stream.isClosed()) {
                scheduled.cancel();
            }
        }
    }

    /** A stream whose RST_STREAM is still queued is open to Jetty, and whoever is told now might reset it again. */
    private void checkGone() {
        HTTP2Stream stream = this.stream;
        if (engineEnded && stream != null && stream.isClosed() && GONE.compareAndSet(this, 0, 1)) {
            Timer scheduled = farewell;
            if (scheduled != null) {
                scheduled.cancel();
            }
            joint().removeStream();
            owner.onGone();
        }
    }

    @Override
    public void onIdleTimeout(Stream stream, TimeoutException x, Promise<Boolean> promise) {
        promise.succeeded(false); // A quiet stream is a healthy one; heartbeats find dead sessions.
    }

    // ---------------------------------------------------------------- receiving

    @Override
    public void onHeaders(Stream stream, HeadersFrame frame, Callback callback) {
        boolean malformed = false;
        if (frame.getMetaData() instanceof MetaData.Response response) {
            if (response.getStatus() >= FIRST_FINAL_STATUS) {
                info.response(response.getStatus(), response.getHttpFields());
            }
            owner.onResponse(response.getStatus(), frame.isEndStream());
        } else if (frame.isEndStream()) {
            info.trailers(frame.getMetaData().getHttpFields());
        } else {
            malformed = true;
            reader.stop(Losses.trailersWithoutEnd()); // Jetty takes these trailers for an end.
        }
        callback.succeeded(); // Jetty queues the end of the stream here, if these headers bring it.
        reader.deliver();
        if (malformed) {
            reset(ErrorCode.PROTOCOL_ERROR);
        }
    }

    @Override
    public void onDataAvailable(Stream stream, boolean immediate) {
        SessionWriter joint = joint();
        if (immediate) {
            reader.deliver(); // on the thread that has asked for data
            return;
        }
        joint.enterInput();
        try {
            reader.deliver();
        } finally {
            joint.leaveInput();
        }
    }

    @Override
    public void consumed(int bytes) {
        reader.consumed(bytes);
    }

    @Override
    public void onReset(Stream stream, ResetFrame frame, Callback callback) {
        reader.onReset(ErrorCode.of(frame.getError()));
        callback.succeeded();
    }

    @Override
    public void onFailure(
            Stream stream, int error, @Nullable String reason, @Nullable Throwable cause, Callback callback) {
        joint().rescue();
        HTTP2Session session = attached().getSession();
        ConnectionFailure explanation = Losses.explain(session, ErrorCode.of(error), reason, cause);
        reader.onLoss(explanation);
        writer.afterEnd(callback::succeeded);
        if (explanation instanceof ConnectionResetException) {
            reset(ErrorCode.of(error)); // The stream alone failed, and the peer does not know it yet.
        }
    }

    // ---------------------------------------------------------------- sending

    @Override
    public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        writer.send(joint(), data, end, trailers);
    }

    @Override
    public @Nullable Outlet outlet() {
        HTTP2Stream stream = this.stream;
        return stream == null ? null : Stalls.outlet(stream);
    }

    @Override
    public @Nullable Object carrier() {
        HTTP2Stream stream = this.stream;
        return stream == null ? null : stream.getSession();
    }

    @Override
    public @Nullable Lead lead() {
        SessionWriter joint = this.joint;
        return joint == null ? null : joint.lead();
    }

    @Override
    public void hurry(boolean blocking) {
        SessionWriter joint = this.joint;
        if (joint != null) {
            joint.hurry(blocking);
        } // else there is no session yet, and nothing that it could hold
    }

    @Override
    public void reset(ErrorCode code) {
        ownReset = code;
        writer.explained();
        HTTP2Stream stream = this.stream;
        if (stream != null) {
            sendReset(stream, code);
        }
    }

    private void sendReset(HTTP2Stream stream, ErrorCode code) {
        if (RESET_SENT.compareAndSet(this, 0, 1) && !stream.isClosed()) {
            // With a failure it is the peer that has provoked the reset: it is charged for it.
            ResetFrame frame =
                    reader.hasLoss() ? new ResetFrame(stream.getId(), code.wire()) : new OwnReset(stream.getId(), code);
            stream.reset(frame, Callback.NOOP);
            writer.release();
        }
    }

    private SessionWriter joint() {
        return Objects.requireNonNull(joint, "the transport has no session yet");
    }

    private HTTP2Stream attached() {
        return Objects.requireNonNull(stream, "the transport has no stream yet");
    }
}
