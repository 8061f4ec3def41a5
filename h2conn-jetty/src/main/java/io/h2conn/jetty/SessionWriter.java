package io.h2conn.jetty;

import io.h2conn.internal.Gatherer;
import io.h2conn.internal.Lead;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins what the streams of one session send at about the same time into one write to the socket: the system call, and the
 * wake-up of the peer, cost more than the frames in it. There are three occasions, the last two only with more than two
 * streams, and never for the one that alone sends.
 *
 * <ul>
 *   <li><b>Answers to one batch of input.</b> What is sent from callbacks while Jetty parses what one read has brought
 *       leaves when all of it is parsed ({@link State#BATCHED}).
 *   <li><b>Threads that take turns.</b> A thread that sends first lets other threads run, which often have something to
 *       send, too; it then sends for all of them ({@link State#LED}). Where that brings nothing it is not done.
 *   <li><b>A thread that sends to one stream after the other</b>, as a broadcast does: small pieces of such a burst wait for
 *       more, about 100 microseconds at most, unless somebody waits for one of them ({@link State#HELD}).
 * </ul>
 *
 * <p>Whatever the occasion, a piece that waits here is sent by somebody who is bound to come by, and pieces that many or
 * large are sent at once.
 */
final class SessionWriter implements Gatherer.Held {
    private static final Logger LOG = LoggerFactory.getLogger(SessionWriter.class);

    /** With fewer streams no thread waits for company. */
    private static final int MIN_STREAMS = 3;

    /** Pieces, and bytes in them, that wait for each other at most. */
    private static final int MAX_PIECES = 64;

    private static final int MAX_BYTES = 64 * 1024;

    /** Bytes. A piece from this size on gains nothing by company. */
    private static final int SMALL_BELOW = 4 * 1024;

    /** Nanoseconds. What was sent from callbacks does not wait longer for the rest of the input, if that takes its time. */
    private static final long MAX_BATCH_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** Nanoseconds between two pieces of a burst, and how many of them make one; as for the bursts of one connection. */
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private static final int MIN_BURST = 8;

    /** How often, of so many pieces, it is tried whether letting others run brings company, where last it did not. */
    private static final int TRY_EVERY = 32;

    private static final int MAX_LUCK = 16;

    private static final DataFrame OF_NO_STREAM = new DataFrame(1, BufferUtil.EMPTY_BUFFER, false);

    /** Who sends what waits. */
    private enum State {
        /** Nothing waits. */
        IDLE,
        /** A thread that is in {@link #drain}, or about to be. */
        LED,
        /** The gatherer, when its time is up, or whoever is in a hurry. */
        HELD,
        /** The thread that parses, when it has parsed all it has. */
        BATCHED
    }

    /** One stream's next piece. A stream has one at a time. */
    interface Piece {
        /** Gives it to Jetty. Throws nothing. */
        void send();

        /** Bytes. */
        int size();

        /** Whether somebody waits for it, or may. */
        boolean isUrgent();
    }

    private final HTTP2Session session;
    private final Arrivals arrivals;
    private final @Nullable Lead lead;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private volatile State state = State.IDLE;
    private List<Piece> waiting = new ArrayList<>();
    private int waitingBytes;
    private boolean withGatherer;
    private int sends;
    /** How often lately it has paid to let others run. */
    private int luck;

    private long lastSender;
    private long lastSend;
    private int quick;

    private volatile @Nullable Piece lastPiece;

    /** Since when pieces wait for the rest of the input; 0 if none do. Written with the lock. */
    private volatile long batchedSince;

    private final AtomicInteger streams = new AtomicInteger();

    /** Who is in a callback for input of this session. Read by threads that ask whether it is they. */
    private volatile @Nullable Thread parser;

    /** Who has parsed the last frame. */
    private volatile @Nullable Thread reader;

    SessionWriter(HTTP2Session session) {
        this.session = session;
        this.arrivals = new Arrivals(session);
        SparingEndPoint endPoint = SparingEndPoint.of(session.getEndPoint());
        this.lead = endPoint == null ? null : endPoint.lead();
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** How threads that wait for input read it themselves, if they may. */
    @Nullable
    Lead lead() {
        return lead;
    }

    // ---------------------------------------------------------------- the session's streams and input

    void addStream() {
        streams.incrementAndGet();
    }

    boolean hasStreams() {
        return streams.get() > 0;
    }

    void removeStream() {
        lastPiece = null; // or it would be held on to for as long as nobody else sends
        streams.decrementAndGet();
    }

    /** A frame has arrived, on the thread that parses. */
    void noteReader() {
        reader = Thread.currentThread();
    }

    /** A callback for input begins, on the thread that parses. */
    void enterInput() {
        long since = batchedSince;
        if (since != 0 && System.nanoTime() - since > MAX_BATCH_NANOS) {
            drain();
        }
        arrivals.announceIfOld();
        parser = Thread.currentThread();
    }

    void leaveInput() {
        parser = null;
    }

    // ---------------------------------------------------------------- sending

    /** Sends a piece, now or very soon. */
    void send(Piece piece) {
        if (isParser()) {
            sendFromInput(piece);
        } else if (streams.get() < MIN_STREAMS || isLone(piece)) {
            piece.send();
        } else {
            sendTogether(piece);
        }
    }

    /** Sends what opens or accepts a stream. It may be an answer to input that Jetty has parsed before, on this thread. */
    void sendHeaders(Piece headers) {
        if (!Thread.currentThread().equals(reader)) {
            send(headers);
            return;
        }
        enterInput();
        try {
            send(headers);
        } finally {
            leaveInput();
        }
    }

    /** Whether the calling thread is in a callback for input of this session. */
    boolean isParser() {
        return Thread.currentThread().equals(parser);
    }

    private void sendFromInput(Piece piece) {
        boolean first;
        boolean full;
        lock.lock();
        try {
            add(piece);
            full = isFull();
            first = state == State.IDLE || state == State.HELD;
            if (first) {
                state = State.BATCHED;
                batchedSince = System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            drainAfterInput();
        }
        if (full) {
            hand(take());
        }
    }

    /**
     * What is offered to the connection runs on this thread when all that was read is parsed; or never, if it is closed by
     * then: if that comes later, {@link #rescue} comes after it.
     */
    private void drainAfterInput() {
        Arrivals.afterInput(session, this::drain);
    }

    /** Whether no other stream has sent since this one did: what others there are cost it nothing. */
    private boolean isLone(Piece piece) {
        if (piece.equals(lastPiece)) {
            return true;
        }
        lastPiece = piece;
        return false;
    }

    @SuppressWarnings("ThreadPriorityCheck") // letting others run is the point, and nothing depends on it
    private void sendTogether(Piece piece) {
        boolean alone = false;
        boolean yield = false;
        lock.lock();
        try {
            boolean burst = isBurst(piece.size()) && !piece.isUrgent();
            if (state == State.BATCHED) {
                alone = true; // how long those callbacks take is for their own connections to bear
            } else {
                add(piece);
                if (state == State.LED) {
                    return;
                }
                if (burst && !isFull() && isWithGatherer()) {
                    state = State.HELD;
                    return;
                }
                state = State.LED;
                yield = !burst && (luck > 0 || ++sends % TRY_EVERY == 0);
            }
        } finally {
            lock.unlock();
        }
        if (alone) {
            piece.send();
        } else if (yield) {
            Thread.yield();
            noteLuck(drain() > 1);
        } else {
            drain();
        }
    }

    private void noteLuck(boolean joined) {
        lock.lock();
        try {
            luck = joined ? Math.min(luck + 1, MAX_LUCK) : Math.max(luck - 1, 0);
        } finally {
            lock.unlock();
        }
    }

    /** Notes a piece, and tells whether it is one of many that the same thread sends in quick succession. */
    private boolean isBurst(int bytes) {
        long now = System.nanoTime();
        long sender = Thread.currentThread().getId();
        boolean follows = bytes < SMALL_BELOW && sender == lastSender && now - lastSend < QUICK_NANOS;
        quick = follows ? Math.min(quick + 1, MIN_BURST) : 0;
        lastSender = sender;
        lastSend = now;
        return quick >= MIN_BURST;
    }

    private void add(Piece piece) {
        waiting.add(piece);
        waitingBytes += piece.size();
    }

    private boolean isFull() {
        return waiting.size() >= MAX_PIECES || waitingBytes >= MAX_BYTES;
    }

    private boolean isWithGatherer() {
        if (!withGatherer) {
            withGatherer = Gatherer.SHARED.hold(this);
        }
        return withGatherer;
    }

    // ---------------------------------------------------------------- sending what waits

    /** Somebody is about to wait for a piece, or for the answer to it. */
    void hurry(boolean blocking) {
        // A batch ends on its own, unless the thread that is to end it is the one that blocks.
        if (state == State.HELD || (blocking && state == State.BATCHED)) {
            drain();
        }
    }

    /** Something happened after which nobody else may come by. */
    void rescue() {
        arrivals.announce();
        drain();
    }

    /** The gatherer's time is up. */
    @Override
    public void onGathererDone() {
        boolean held;
        lock.lock();
        try {
            withGatherer = false;
            held = state == State.HELD;
        } finally {
            lock.unlock();
        }
        if (held) {
            drain();
        }
    }

    /** Sends until nothing waits. Returns how many pieces went together at best. */
    private int drain() {
        int most = 0;
        for (List<Piece> pieces = take(); !pieces.isEmpty(); pieces = take()) {
            most = Math.max(most, pieces.size());
            hand(pieces);
        }
        return most;
    }

    private List<Piece> take() {
        lock.lock();
        try {
            if (waiting.isEmpty()) {
                state = State.IDLE;
                batchedSince = 0;
                return List.of();
            }
            List<Piece> taken = waiting;
            waiting = new ArrayList<>(taken.size());
            waitingBytes = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands pieces to Jetty so that one write to the socket takes them all. Jetty's flusher drops a frame of no stream, and
     * says so while it is at work: what it is given then, it finds when it has a look at its queue next, all at once.
     */
    private void hand(List<Piece> pieces) {
        if (pieces.size() == 1) {
            send(pieces);
        } else if (!pieces.isEmpty()) {
            soon(() -> send(pieces));
        }
    }

    /**
     * Runs a task while Jetty's flusher is at work, which calls it without a lock; or here and now, once the session is
     * over.
     */
    void soon(Runnable task) {
        session.data(null, OF_NO_STREAM, Callback.from(Invocable.InvocationType.NON_BLOCKING, task));
    }

    private static void send(List<Piece> pieces) {
        for (Piece piece : pieces) {
            try {
                piece.send();
            } catch (Throwable t) {
                // One stream's trouble: the others' pieces are in nobody else's hands any more.
                LOG.error("handing a piece to Jetty failed", t);
            }
        }
    }
}
