package io.h2conn.jetty;

import io.h2conn.ConnectionFailure;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Passes on to an engine what arrives on a stream, in order, once.
 *
 * <p><b>Order.</b> Jetty may call from several threads. All that arrives goes through {@link #deliver}, which one
 * thread at a time runs: data as it is in Jetty's queue, then the end, then a reset or a loss. So an event never
 * overtakes data that came before it, and recursion ends there too.
 *
 * <p><b>Two ways to receive.</b> Where {@link DuplexFlowControl} is in force, all data goes to the engine as it
 * arrives, because Jetty drops what is still in its own queue when a session dies; the engine gives credit back as the
 * application consumes. With any other strategy, taking data from Jetty gives credit, so one piece is taken when the
 * application has consumed the last one. The queue may then have been dropped by a failure, which leaves a made-up end
 * of stream in it: {@link #isGenuineEnd} tells it from a real one.
 */
final class StreamReader {
    /** Bytes. A piece from this size on seldom comes alone. */
    private static final int MANY = 4 * 1024;

    // An updater, since an atomic object would be a part of every idle connection.
    private static final AtomicIntegerFieldUpdater<StreamReader> DELIVERIES =
            AtomicIntegerFieldUpdater.newUpdater(StreamReader.class, "deliveries");

    private final Engine engine;
    private final StreamWriter writer;
    private final Inflow inflow = new Inflow();

    private @Nullable SessionWriter joint;
    private @Nullable DuplexFlowControl flowControl;
    private volatile @Nullable HTTP2Stream stream;

    private volatile boolean started;
    /** Whether the stream had ended before it was attached. */
    private volatile boolean late;

    /** How many reasons to deliver have come up since the thread that delivers last looked. */
    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile int deliveries;
    /** Whether the next piece may be taken; always, unless Jetty's own flow control paces us. */
    private volatile boolean wanted = true;

    private volatile @Nullable ErrorCode peerReset;
    private volatile @Nullable ConnectionFailure failure;
    /** Nothing more is to be read: the end was delivered, or what is in Jetty's queue is not to be trusted. */
    private volatile boolean inputOver;
    /** The engine was told of the peer's end. */
    private volatile boolean endDelivered;
    /** The reset or the loss was delivered. */
    private volatile boolean explained;

    private volatile boolean engineEnded;

    StreamReader(Engine engine, StreamWriter writer) {
        this.engine = engine;
        this.writer = writer;
    }

    /** The stream to read from. Until {@link #start} events wait. */
    void attach(HTTP2Stream stream, SessionWriter joint, @Nullable DuplexFlowControl flowControl) {
        this.joint = joint;
        this.flowControl = flowControl;
        this.stream = stream;
    }

    /** The stream was broken already: the event may have gone to another listener, which may have eaten data with it. */
    void missed() {
        late = true;
        stop(Losses.missed(attached(), true, null));
    }

    void start() {
        started = true;
        deliver();
    }

    /** Nothing more is to be read, whatever is in Jetty's queue; perhaps because of a loss, which is delivered next. */
    void stop(@Nullable ConnectionFailure loss) {
        inputOver = true;
        if (loss != null) {
            failure = loss;
        }
    }

    void consumed(int bytes) {
        if (flowControl != null) {
            flowControl.credit(attached(), bytes);
        } else {
            wanted = true;
            deliver();
        }
    }

    void onReset(ErrorCode code) {
        peerReset = code;
        deliver();
    }

    void onLoss(ConnectionFailure loss) {
        failure = loss;
        deliver();
    }

    void onEngineEnded() {
        engineEnded = true;
    }

    boolean hasLoss() {
        return failure != null;
    }

    /** Whether the engine was told of the peer's end. */
    boolean ended() {
        return endDelivered;
    }

    /** Passes on everything that has come up, in order. Safe for any thread, never runs twice at a time. */
    void deliver() {
        if (!started || DELIVERIES.getAndIncrement(this) != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            deliverData();
            deliverFailure();
            seen = DELIVERIES.addAndGet(this, -seen);
        }
    }

    private void deliverData() {
        HTTP2Stream stream = attached();
        // What the peer sent before it reset an already ended half is in Jetty's queue still, and all of it counts.
        while (!inputOver && (wanted || peerReset != null)) {
            Stream.Data data = stream.readData();
            if (data == null) {
                if (failure == null && peerReset == null) {
                    stream.demand(); // May call back at once; then there is a reason to look again.
                }
                return;
            }
            deliver(stream, data);
        }
    }

    private void deliver(HTTP2Stream stream, Stream.Data data) {
        DataFrame frame = data.frame();
        int size = frame.remaining();
        if (frame.isEndStream()) {
            inputOver = true;
        }
        inflow.creditPadding(flowControl, stream, frame.flowControlLength() - size);
        if (size > 0) {
            wanted = flowControl != null;
            boolean later = size >= MANY && joint().isParser();
            if (engine.onData(inflow.chunk(stream, data), later)) {
                joint().arrivals().announceLater(engine);
            }
            if (frame.isEndStream()) {
                deliverEnd();
            }
            return;
        }
        boolean genuine = isGenuineEnd(stream, frame);
        data.release();
        if (genuine) {
            deliverEnd();
        } else if (frame.isEndStream()) {
            explainLater(null);
        }
    }

    private void deliverEnd() {
        endDelivered = true;
        engine.onEnd();
    }

    /**
     * Whether an empty frame is the peer's end. A frame from the wire always is what it says. An end that Jetty makes
     * itself, for trailers or because it dropped its queue, does not say which; with a failure about it is not
     * believed.
     */
    private boolean isGenuineEnd(HTTP2Stream stream, DataFrame frame) {
        if (!frame.isEndStream()) {
            return false;
        }
        if (!isMadeByJetty(frame)) {
            return true;
        }
        // A reset by the peer drops nothing if the last data had arrived, and makes no end otherwise. A loss does both,
        // and so does a reset by Jetty itself. Our field is set before Jetty resets a stream that it has failed.
        boolean dropped = stream.isResetOrFailed() && SessionMemory.peerReset(stream) == null;
        return !dropped && failure == null;
    }

    @SuppressWarnings("ReferenceEquality") // what comes from the wire may be empty, but is another buffer
    private static boolean isMadeByJetty(DataFrame frame) {
        return frame.getByteBuffer() == BufferUtil.EMPTY_BUFFER;
    }

    private void deliverFailure() {
        ConnectionFailure loss = failure;
        ErrorCode code = peerReset;
        if (explained || (loss == null && code == null)) {
            return;
        }
        inputOver = true;
        if (loss != null) {
            engine.onFailure(loss);
        } else {
            engine.onPeerReset(Objects.requireNonNull(code));
        }
        explained = true;
        writer.explained();
    }

    /** The definite event is under way, or was told to somebody else: waits for it a little, then does without. */
    void explainLater(@Nullable Throwable cause) {
        if (isOver()) {
            return;
        }
        Timer unused = Threads.schedule(
                () -> {
                    if (!isOver() && !explained && failure == null && peerReset == null) {
                        failure = Losses.missed(attached(), late, cause);
                        deliver();
                    }
                },
                StreamWriter.EXPLANATION_NANOS);
    }

    private boolean isOver() {
        return engineEnded || (endDelivered && writer.ended());
    }

    private SessionWriter joint() {
        return Objects.requireNonNull(joint, "no session yet");
    }

    private HTTP2Stream attached() {
        return Objects.requireNonNull(stream, "no stream yet");
    }
}
