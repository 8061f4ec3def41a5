package io.h2conn.internal;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionFailure;
import io.h2conn.DataListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine's reading half: what has arrived, and who waits for it: threads, one asynchronous read, or a listener.
 * Part of the engine: every method and field is guarded by its lock, which the caller holds.
 */
final class Inbound {
    /** Nanoseconds. Half a window consumed in less may be all that the distance to the peer allows. */
    private static final long GROW_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Bytes. Whoever waits for input is woken for so many whatever else may follow. */
    private static final int WORTH_WAKING = 64 * 1024;

    private final EngineCore engine;
    private final ReceiveQueue queue = new ReceiveQueue();
    private final Leading leading;
    private Deadline deadline = Deadline.UNLIMITED;
    /** Something to read, or a reason not to wait for it; made when a thread first waits. */
    private @Nullable WaitPoint readable;

    /** What the peer may send before the application reads; 0 if the transport delivers a piece at a time. */
    private int window;

    private int maxWindow;
    private long lastCredit;
    private long received;
    /** Whether something has arrived, and who waits for it is woken when the transport pauses. */
    private boolean unannounced;

    /** Threads that wait in a read. */
    private int waitingReaders;

    private @Nullable AsyncRead asyncRead;
    private @Nullable Timer timer;
    private @Nullable ListenerLoop listening;
    private boolean listenerBusy;
    /** Whether this side dropped the input; kept apart from the state since it may do so after the peer's end. */
    private boolean discarded;

    Inbound(EngineCore engine) {
        this.engine = engine;
        this.leading = new Leading(engine);
    }

    // ---------------------------------------------------------------- what arrives

    void start(int receiveWindow, int maxReceiveWindow) {
        window = receiveWindow;
        maxWindow = maxReceiveWindow;
        lastCredit = System.nanoTime();
    }

    /**
     * The listener that can have a piece which arrives now, without waiting and without a change of threads; it is busy then.
     */
    @Nullable
    ListenerLoop tryLend(Chunk chunk) {
        boolean direct = listening != null
                && !listenerBusy
                && queue.unread() == 0
                && engine.options.nonBlockingCallbacks()
                && engine.state.input() == State.Input.OPEN;
        if (!direct) {
            return null;
        }
        noteReceived(chunk);
        queue.noteLent(chunk.data().remaining());
        listenerBusy = true;
        return listening;
    }

    /** Returns whether {@link #onPause} must follow. */
    boolean onData(Chunk chunk, boolean moreMayFollow) {
        noteReceived(chunk);
        switch (engine.state.input()) {
            case OPEN -> {
                queue.add(chunk, isAwaited());
                noteWindow();
                if (moreMayFollow && queue.unread() < WORTH_WAKING && wakingTakesAThread()) {
                    boolean first = !unannounced;
                    unannounced = true;
                    return first;
                }
                unannounced = false;
                wakeOne();
            }
            case DISCARDING, ENDED, DRAINED, FAILED -> queue.discard(chunk);
        }
        return false;
    }

    private boolean isAwaited() {
        return waitingReaders > 0 || asyncRead != null || (listening != null && !listenerBusy);
    }

    private void noteReceived(Chunk chunk) {
        received += chunk.data().remaining();
        if (engine.sight != null) {
            engine.sight.onReceived();
        }
    }

    /** Something has come: that was all the peer may send, perhaps. */
    private void noteWindow() {
        if (window > 0 && queue.outstanding() >= window) {
            engine.madeSight().onInputFull(queue.unread());
        }
    }

    private boolean wakingTakesAThread() {
        return (listening == null && asyncRead == null) || !engine.options.nonBlockingCallbacks();
    }

    void onPause() {
        if (unannounced) {
            unannounced = false;
            if (queue.unread() > 0) {
                wakeOne();
            }
        }
    }

    void onEnd() {
        engine.state = engine.state.onPeerEnd(queue.unread() == 0);
        wakeAll();
    }

    /** Drops what has arrived; the state says what becomes of the rest. */
    void dropUnread() {
        queue.discard();
    }

    /** Drops what has arrived and will arrive, because this side does not want it. */
    void discard() {
        discarded = true;
        engine.state = engine.state.onDiscard();
        queue.discard();
        wakeAll();
    }

    // ---------------------------------------------------------------- who waits

    /** Something arrived: hands it to whoever waits for it. */
    private void wakeOne() {
        if (listening != null) {
            startListener(listening);
        } else if (asyncRead != null) {
            serve(asyncRead, false);
        } else {
            leading.wakeOne(readable);
        }
    }

    /** Something changed that ends all waiting, or moves its limits. */
    void wakeAll() {
        leading.wakeAll(readable);
        if (asyncRead != null) {
            serve(asyncRead, false);
        }
        if (listening != null) {
            startListener(listening);
        }
    }

    private void startListener(ListenerLoop loop) {
        if (!listenerBusy) {
            listenerBusy = true;
            engine.afterwards(engine.callback(loop));
        }
    }

    // ---------------------------------------------------------------- reading

    int read(ByteBuffer dst) throws IOException {
        long limit = deadline.start();
        boolean parks = false;
        try {
            for (boolean waited = false; ; waited = true) {
                requireNoListener();
                throwIfClosed(waited);
                if (!dst.hasRemaining()) {
                    return 0;
                }
                if (deadline.isOver(limit)) {
                    leading.wakeOne(readable); // a wake-up that came as the time was up is for the next reader
                    throw deadline.timeout(limit, engine, "read", 0);
                }
                if (queue.unread() > 0) {
                    return take(dst);
                }
                if (engine.state.peerEnded()) {
                    return -1;
                }
                if (engine.releaseHeldWrites(Hurry.THIS_THREAD)) {
                    engine.pause();
                } else {
                    parks = waitForInput(deadline.remaining(limit), parks);
                }
            }
        } finally {
            if (parks) {
                Objects.requireNonNull(engine.transport.lead()).unpark();
            }
        }
    }

    /** Waits a while; returns whether next time this thread is to park where otherwise it would lead. */
    private boolean waitForInput(long nanos, boolean parks) throws InterruptedIOException {
        readable = engine.madeWaitPoint(readable);
        Lead lead = parks ? null : engine.transport.lead();
        waitingReaders++;
        try {
            if (lead == null || Thread.currentThread().isInterrupted()) {
                engine.await(readable, nanos, "read", 0);
                return parks;
            }
            return !leading.lead(lead, readable, nanos);
        } finally {
            waitingReaders--;
        }
    }

    private int take(ByteBuffer dst) {
        int n = queue.read(dst);
        engine.noteRead();
        if (queue.unread() > 0) {
            leading.wakeOne(readable);
        } else {
            noteAllTaken();
        }
        return n;
    }

    private void noteAllTaken() {
        State next = engine.state.onAllRead();
        if (!next.equals(engine.state)) {
            engine.state = next;
            engine.checkOver();
        }
    }

    int available() throws IOException {
        throwIfClosed(false);
        return queue.unread();
    }

    private void throwIfClosed(boolean waited) throws IOException {
        boolean failedFirst = engine.failedBeforeClose() && engine.state.input() == State.Input.FAILED;
        if (engine.state.closed() && !(waited && failedFirst)) {
            throw new ConnectionClosedException("read after close(): this side closed the connection");
        }
        ConnectionFailure failure = engine.state.failure();
        if (failure != null && (engine.state.input() == State.Input.FAILED || engine.aborted())) {
            throw Failures.again(failure);
        }
        if (discarded) {
            throw new ConnectionClosedException(
                    engine.aborted()
                            ? "read after abort(): this side dropped what the peer had sent"
                            : "read after input().close(): this side discards what the peer sends");
        }
    }

    private void requireNoListener() {
        if (listening != null) {
            throw new IllegalStateException(
                    "the input of " + engine.id() + " was given to a listener by listen(); read it there");
        }
    }

    AsyncRead readAsync() {
        requireNoListener();
        requireNoAsyncRead();
        AsyncRead read = new AsyncRead(deadline.start());
        if (asyncRead != null) {
            asyncRead.unpark(); // the user has completed it
        }
        asyncRead = read;
        serve(read, true);
        if (asyncRead != null) {
            engine.releaseHeldWrites(Hurry.SOMEBODY);
            armTimer();
            read.parked = leading.park();
        }
        return read;
    }

    private void requireNoAsyncRead() {
        if (asyncRead != null && !asyncRead.isClaimed()) {
            throw PendingExceptions.read("an asynchronous read of " + engine.id()
                    + " still waits; start the next one when its future completes");
        }
    }

    /**
     * Completes the waiting asynchronous read if there is something to complete it with.
     *
     * @param fresh whether nobody can depend on it yet, so that it may be completed at once
     */
    private void serve(AsyncRead read, boolean fresh) {
        IOException failure = null;
        try {
            throwIfClosed(false);
            deadline.check(read.limit, engine, "readAsync", 0);
        } catch (IOException e) {
            failure = e;
        }
        boolean hasData = queue.unread() > 0;
        if (failure == null && !hasData && !engine.state.peerEnded()) {
            return;
        }
        asyncRead = null;
        read.unpark();
        if (!read.claim()) {
            // The user has completed it: what is there is somebody else's.
            leading.wakeOne(readable);
            return;
        }
        Runnable completion = failure == null ? delivery(read, hasData ? takeBuffer() : null) : failing(read, failure);
        if (fresh) {
            completion.run();
        } else {
            engine.afterwards(engine.callback(completion));
        }
    }

    private static Runnable delivery(AsyncRead read, @Nullable ByteBuffer data) {
        return () -> read.deliver(data);
    }

    private static Runnable failing(AsyncRead read, IOException failure) {
        return () -> read.deliverFailure(failure);
    }

    private ByteBuffer takeBuffer() {
        ByteBuffer data = ByteBuffer.allocate(Math.min(queue.unread(), BufferPool.LARGE));
        take(data);
        return data.flip();
    }

    // ---------------------------------------------------------------- listening

    ListenerLoop listen(DataListener listener) {
        requireNoListener();
        requireNoAsyncRead();
        if (waitingReaders > 0) {
            throw new IllegalStateException(
                    "a thread waits in a read of " + engine.id() + "; listen when no other read is under way");
        }
        ListenerLoop loop = new ListenerLoop(engine, listener);
        listening = loop;
        engine.releaseHeldWrites(Hurry.SOMEBODY);
        Lead lead = leading.park();
        if (lead != null) {
            CompletableFuture<?> unused = loop.done.whenComplete((done, failure) -> lead.unpark());
        }
        wakeAll();
        return loop;
    }

    /**
     * The listener's next piece. Without one the loop ends: it is started again when something arrives, unless the input
     * is over, which is then reported.
     */
    @Nullable
    Chunk lend(ListenerLoop loop) {
        try {
            throwIfClosed(false);
        } catch (IOException e) {
            engine.afterwards(() -> loop.done.completeExceptionally(e));
            return null;
        }
        Chunk chunk = queue.lend();
        if (chunk == null) {
            if (engine.state.peerEnded()) {
                noteAllTaken();
                engine.afterwards(() -> loop.done.complete(null));
            } else {
                listenerBusy = false;
                engine.releaseHeldWrites(Hurry.SOMEBODY);
            }
        }
        return chunk;
    }

    void takeBack(int bytes) {
        if (engine.sight != null) {
            engine.sight.listenerSince = 0;
        }
        queue.returned(bytes);
    }

    // ---------------------------------------------------------------- deadlines

    Deadline deadline() {
        return deadline;
    }

    void setDeadline(Deadline changed) {
        deadline = changed;
    }

    void onDeadlineChanged() {
        wakeAll();
        armTimer();
    }

    private void armTimer() {
        EngineCore.cancel(timer);
        timer = null;
        AsyncRead read = asyncRead;
        if (read != null && deadline.limits(read.limit)) {
            timer = Threads.schedule(engine::onReadTimer, deadline.remaining(read.limit));
        }
    }

    // ---------------------------------------------------------------- for leaving the lock, and facts

    /** The credit that is due, in batches of half a window, and what the window grows by. */
    int takeCredit() {
        int credit = queue.takeCredit(window == 0 ? 0 : Math.max(1, window / 2));
        if (credit > 0 && engine.sight != null) {
            engine.sight.onCredit();
        }
        return credit == 0 || window == maxWindow ? credit : credit + growth();
    }

    /**
     * A window that is consumed quickly doubles, so that a connection which moves much is not held up by the time that credit
     * takes, while one that nobody reads never holds more than the first window.
     */
    private int growth() {
        long now = System.nanoTime();
        boolean quick = now - lastCredit < GROW_WITHIN_NANOS;
        lastCredit = now;
        int more = quick ? Math.min(window, maxWindow - window) : 0;
        window += more;
        return more;
    }

    @Nullable
    Chunk takeSpent() {
        return queue.takeSpent();
    }

    int unread() {
        return queue.unread();
    }

    int outstanding() {
        return queue.outstanding();
    }

    String describeBytes() {
        return "received " + received + " bytes, " + queue.unread() + " unread"
                + (window == 0 ? "" : ", takes " + Math.max(0, window - queue.outstanding()) + " more");
    }

    void describeWaits(long now, Consumer<String> lines) {
        WaitPoint.describe(readable, "read", now, lines);
        AsyncRead read = asyncRead;
        if (read != null && !read.isClaimed()) {
            lines.accept("an asynchronous read for " + Durations.passed(now - read.since));
        }
        if (listening != null) {
            long since = engine.sight == null ? 0 : engine.sight.listenerSince;
            lines.accept("a listener, "
                    + (!listenerBusy ? "idle" : since == 0 ? "busy" : "busy for " + Durations.passed(now - since)));
        }
        deadline.describe("read", now, lines);
    }

    boolean hasWaitingReaders() {
        return waitingReaders > 0;
    }

    long received() {
        return received;
    }
}
