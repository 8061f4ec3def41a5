package io.h2conn.internal;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionObserver;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an {@link Engine} is beneath the face that applications see: its lock, the way out of the lock, and what the transport,
 * the timers and the engine's own parts call.
 *
 * <p>One lock guards everything that changes. A method takes it, looks, decides, and notes what has to be done
 * outside; {@link #leave} unlocks and does it: returns spent memory and credit to the transport, sends the next piece,
 * runs what else was noted. Nothing is called while the lock is held, so that whatever is called may call back.
 *
 * <p>One piece is with the transport at a time. {@link Outbound#beginSend} takes it off under the lock; the thread that did
 * so calls {@link Transport#send} without it. The answer, {@link #onSent}, may come on that same thread before
 * {@code send} returns, or later on another; either way exactly one thread goes on with the next piece, in a loop, never
 * by recursion.
 */
abstract class EngineCore implements DuplexConnection, Gatherer.Held {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    final Transport transport;
    final ConnectionOptions options;
    final ReentrantLock lock = new ReentrantLock();
    private final String kind;
    private final long number;

    // Everything below is guarded by the lock.

    State state = State.INITIAL;
    final Inbound inbound = new Inbound(this);
    final Outbound outbound;
    final Ending ending;
    private @Nullable ArrayDeque<Runnable> chores;
    /** What only some connections need, with the options that they have or after what has happened to them. */
    @Nullable
    Sight sight;

    EngineCore(Transport transport, ConnectionOptions options, Engine.Role role, String kind, long number) {
        this.transport = transport;
        this.options = options;
        this.kind = kind;
        this.number = number;
        this.outbound = new Outbound(this, options.sendBufferBytes(), options.gatherWrites());
        this.ending = new Ending(this, role);
        this.sight = Sight.asWanted(this);
    }

    @Override
    public String id() {
        return kind + "-" + number;
    }

    // ---------------------------------------------------------------- the transport's side

    /**
     * The headers are out: sending may begin.
     *
     * @param receiveWindow bytes that the peer may send before the application reads; credit is returned in batches of half
     *     of it. 0 if the transport delivers one piece at a time: then all credit is returned whenever everything delivered
     *     has been consumed
     * @param maxReceiveWindow bytes that it may become, by giving more credit than was consumed
     */
    public void start(int receiveWindow, int maxReceiveWindow) {
        lock.lock();
        inbound.start(receiveWindow, maxReceiveWindow);
        outbound.start();
        if (sight != null) {
            sight.start();
        }
        leave();
    }

    /**
     * Takes a piece from the peer.
     *
     * @param chunk at least one byte; released by the engine
     * @param moreMayFollow whether more may come at once, so that it would be early to wake a thread for this piece
     * @return whether {@link #onPause} must be called, since somebody may wait for the piece and was not woken
     */
    public boolean onData(Chunk chunk, boolean moreMayFollow) {
        lock.lock();
        ListenerLoop listener = inbound.tryLend(chunk);
        boolean waits = listener == null && inbound.onData(chunk, moreMayFollow);
        leave();
        if (listener != null) {
            listener.run(chunk);
        }
        return waits;
    }

    /** Nothing follows for now: wakes who waits for what has arrived. */
    public void onPause() {
        lock.lock();
        inbound.onPause();
        leave();
    }

    /** Takes the peer's END_STREAM, after all its data. */
    public void onEnd() {
        lock.lock();
        inbound.onEnd();
        checkOver();
        leave();
    }

    /** The piece given to {@link Transport#send} was written to the socket. */
    public void onSent() {
        if (outbound.answeredWithin()) {
            return;
        }
        lock.lock();
        outbound.onSent();
        leave();
    }

    /**
     * The piece given to {@link Transport#send} was not written, and is no longer read.
     *
     * @param cause the transport's report
     */
    public void onSendFailed(Throwable cause) {
        lock.lock();
        outbound.onSendFailed();
        ending.onSendFailed(cause);
        leave();
    }

    /**
     * The peer has sent RST_STREAM.
     *
     * @param code why
     */
    public void onPeerReset(ErrorCode code) {
        onFailure(new ConnectionResetException("the peer reset the stream with " + code, Origin.PEER, code, null));
    }

    /**
     * The transport threw instead of answering. No answer will come, and without one everybody who waits for the piece would
     * wait for ever.
     *
     * @param cause what was thrown
     */
    public void onSendThrew(Throwable cause) {
        lock.lock();
        failSending(cause);
    }

    /** With the lock, which it leaves. */
    private void failSending(Throwable cause) {
        outbound.onSendThrew();
        ending.onSendFailed(cause);
        leave();
    }

    /**
     * The connection failed.
     *
     * @param failure why; ignored if something failed before, or if both halves have ended
     */
    public void onFailure(ConnectionFailure failure) {
        lock.lock();
        ending.onFailure(failure);
        leave();
    }

    /** An end was announced, by either side. */
    public void onDraining() {
        lock.lock();
        ending.onDraining();
        leave();
    }

    /**
     * Whether there is an observer.
     *
     * @return whether {@link #report} does anything
     */
    public boolean isObserved() {
        return options.observer() != null;
    }

    /**
     * Tells the observer, if there is one, of something that the engine does not see itself, in order with what it does see.
     *
     * @param event what
     */
    public void report(Consumer<ConnectionObserver> event) {
        if (isObserved()) {
            lock.lock();
            if (sight != null) {
                sight.tell(event);
            }
            leave();
        }
    }

    void onEndUnanswered() {
        lock.lock();
        ending.onEndUnanswered();
        leave();
    }

    // ---------------------------------------------------------------- the timers, and the listener's loop

    void onReadTimer() {
        lock.lock();
        inbound.onDeadlineChanged();
        leave();
    }

    void onWriteTimer() {
        lock.lock();
        outbound.onDeadlineChanged();
        leave();
    }

    void onPatrol() {
        Outlet outlet = transport.outlet();
        lock.lock();
        if (sight != null) {
            sight.onPatrol(outlet);
        }
        leave();
    }

    void onCloseTimer() {
        lock.lock();
        ending.onCloseTimer();
        leave();
    }

    /** Sends what a burst has gathered: its time is up. */
    @Override
    public void onGathererDone() {
        lock.lock();
        outbound.onGathererDone();
        leave();
    }

    /** The listener's next piece, or {@code null} to end its loop. */
    @Nullable
    Chunk lendTo(ListenerLoop loop) {
        lock.lock();
        try {
            return inbound.lend(loop);
        } finally {
            leave();
        }
    }

    /** The listener takes its time. */
    void noteListenerWaits() {
        lock.lock();
        madeSight().listenerSince = System.nanoTime();
        leave();
    }

    /** Takes back what the listener was lent. */
    void takeBack(Chunk chunk, int bytes) {
        chunk.release();
        lock.lock();
        inbound.takeBack(bytes);
        leave();
    }

    /** Takes back what the listener was lent, and lends it the next piece, or {@code null} to end its loop. */
    @Nullable
    Chunk exchange(Chunk chunk, int bytes, ListenerLoop loop) {
        chunk.release();
        lock.lock();
        try {
            inbound.takeBack(bytes);
            return inbound.lend(loop);
        } finally {
            leave();
        }
    }

    // ---------------------------------------------------------------- for the halves, with the lock held

    /** Made now, if the options have not asked for it. */
    Sight madeSight() {
        if (sight == null) {
            sight = new Sight(null, null);
        }
        return sight;
    }

    /** A write is about to wait for room. Returns whether there is something to do for it. */
    boolean reportWait() {
        return sight != null && sight.onWriteWaits();
    }

    /** The same, made now if nobody has waited for it yet. */
    WaitPoint madeWaitPoint(@Nullable WaitPoint point) {
        return point == null ? new WaitPoint(lock.newCondition()) : point;
    }

    static void signal(@Nullable WaitPoint point) {
        if (point != null) {
            point.signal();
        }
    }

    static void signalAll(@Nullable WaitPoint point) {
        if (point != null) {
            point.signalAll();
        }
    }

    boolean failedBeforeClose() {
        return ending.failedBeforeClose();
    }

    boolean aborted() {
        return ending.aborted();
    }

    /** Looks whether the connection is over now. */
    void checkOver() {
        ending.check();
    }

    /** Somebody is about to wait for input: what is held back must leave first. Returns whether there is something to do for it. */
    boolean releaseHeldWrites(Hurry hurry) {
        return outbound.release(hurry);
    }

    void noteRead() {
        outbound.noteRead();
    }

    /** Notes what to do once the lock is free. */
    void afterwards(Runnable task) {
        if (chores == null) {
            chores = new ArrayDeque<>(2);
        }
        chores.add(task);
    }

    /** Wraps user code so that it runs where the user wants it. */
    Runnable callback(Runnable userCode) {
        return options.nonBlockingCallbacks() ? userCode : () -> Threads.execute(options.executor(), userCode);
    }

    /** Waits for a signal, a while, or an interrupt; the caller looks again at what it waits for. */
    void await(WaitPoint point, long nanos, String call, int bytes) throws InterruptedIOException {
        Lead lead = transport.lead();
        if (lead != null && lead.isAlone()) {
            afterwards(lead::attend);
            pause();
            return;
        }
        try {
            point.await(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller owns the policy
            point.signal(); // a signal that this thread may have swallowed is another's
            throw interrupted(call, bytes);
        }
    }

    InterruptedIOException interrupted(String call, int bytes) {
        InterruptedIOException interrupted = new InterruptedIOException("interrupted during " + call + " on " + id());
        interrupted.bytesTransferred = bytes;
        return interrupted;
    }

    /** Does what was decided so far, without the lock, and takes the lock again. */
    void pause() {
        leave();
        lock.lock();
    }

    // ---------------------------------------------------------------- leaving the lock

    /** Unlocks, then does what was decided under the lock. */
    void leave() {
        int credit = outbound.started && (state.input() == State.Input.OPEN || state.input() == State.Input.DISCARDING)
                ? inbound.takeCredit()
                : 0;
        Chunk spent = inbound.takeSpent();
        for (Chunk more = spent == null ? null : inbound.takeSpent(); more != null; more = inbound.takeSpent()) {
            afterwards(more::release);
        }
        ByteBuffer piece = outbound.beginSend();
        Hurry hurry = outbound.takeHurry();
        ArrayDeque<Runnable> work = chores;
        chores = null;
        lock.unlock();

        if (spent != null) {
            spent.release();
        }
        if (credit > 0) {
            transport.consumed(credit);
        }
        try {
            if (piece != null) {
                send(piece);
            }
            if (hurry != Hurry.NONE) {
                transport.hurry(hurry == Hurry.THIS_THREAD);
            }
        } finally {
            run(work);
        }
    }

    /** Sends a piece, and all that follow while the answers come at once. */
    @SuppressWarnings("LockNotBeforeTry") // runs work without it in between; nothing else here can throw
    private void send(ByteBuffer first) {
        ByteBuffer piece = first;
        while (piece != null) {
            Throwable thrown = outbound.transmit(transport, piece);
            lock.lock();
            boolean settled = outbound.afterTransmit();
            if (thrown != null) {
                if (!settled) {
                    failSending(thrown);
                    return; // nothing is sent on a connection that has failed
                }
                afterwards(() -> LOG.error("{}: the transport threw after it had answered", id(), thrown));
            }
            ArrayDeque<Runnable> work = chores;
            if (work != null) {
                chores = null;
                lock.unlock();
                run(work);
                lock.lock();
            }
            piece = outbound.beginSend();
            lock.unlock();
        }
    }

    private static void run(@Nullable ArrayDeque<Runnable> work) {
        if (work != null) {
            work.forEach(Runnable::run);
        }
    }

    static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
