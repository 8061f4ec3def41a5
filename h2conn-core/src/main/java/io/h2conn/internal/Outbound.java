package io.h2conn.internal;

import io.h2conn.ConnectionClosedException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine's writing half: what was accepted, whose turn it is to write, and what the transport has. Part of the engine:
 * every method and field is guarded by its lock, which the caller holds, except where a comment says otherwise.
 */
final class Outbound {
    private final EngineCore engine;
    private final SendBuffer buffer;
    private final Gathering gathering;
    private Deadline deadline = Deadline.UNLIMITED;

    /** The send buffer has room for the writer whose turn it is, or a reason not to wait for it. */
    private @Nullable WaitPoint writable;
    /** It may be another writer's turn. */
    private @Nullable WaitPoint turnFree;
    /** A piece was written, or never will be. */
    private @Nullable WaitPoint written;

    boolean started;
    private long sent;

    /** The writer whose bytes must not be mixed with others': a Thread, the AsyncWrite, or nobody. */
    private @Nullable Object turn;
    /** Whether the writer whose turn it is has got in some, but not all, of its bytes. */
    private boolean turnPartial;

    private @Nullable AsyncWrite asyncWrite;
    private @Nullable Timer timer;

    /** What the transport is to be told about somebody who waits, and what it was told for the piece it has. */
    private Hurry wanted = Hurry.NONE;

    private Hurry told = Hurry.NONE;

    private boolean sending;
    private boolean endInFlight;
    private @Nullable HttpHeaders trailers;
    /** Who is in {@link Transport#send}. Read without the lock by a thread that asks whether it is itself. */
    private volatile @Nullable Thread sender;
    /** Whether the piece was answered within {@link Transport#send}. Touched by {@link #sender} only, without the lock. */
    private boolean answered;

    Outbound(EngineCore engine, int bufferBytes, boolean gather) {
        this.engine = engine;
        this.buffer = new SendBuffer(bufferBytes);
        this.gathering = new Gathering(gather);
    }

    // ---------------------------------------------------------------- writing

    long write(ByteBuffer src) throws IOException {
        int length = src.remaining();
        long limit = deadline.start();
        awaitTurn(limit);
        try {
            accept(src, limit, 0);
        } finally {
            passTurn();
        }
        return length;
    }

    long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
        long total = 0;
        long limit = deadline.start();
        awaitTurn(limit);
        try {
            for (int i = offset; i < offset + length; i++) {
                int bytes = srcs[i].remaining();
                turnPartial = total > 0;
                accept(srcs[i], limit, total);
                total += bytes;
            }
        } finally {
            passTurn();
        }
        return total;
    }

    private void awaitTurn(long limit) throws IOException {
        for (boolean waited = false; ; waited = true) {
            throwIfEnded(waited);
            if (deadline.isOver(limit)) {
                EngineCore.signal(turnFree); // a wake-up that came as the time was up is for the next writer
                throw deadline.timeout(limit, engine, "write", 0);
            }
            if (turn == null) {
                turn = Thread.currentThread();
                return;
            }
            turnFree = engine.madeWaitPoint(turnFree);
            engine.await(turnFree, deadline.remaining(limit), "write", 0);
        }
    }

    private void passTurn() {
        turnPartial = false;
        AsyncWrite next = asyncWrite;
        if (next != null && turn != next) {
            turn = next;
            advanceAsyncWrite();
        } else {
            turn = null;
            EngineCore.signal(turnFree);
        }
    }

    /** Takes in all of {@code src}, waiting for room as often as need be. */
    private void accept(ByteBuffer src, long limit, long before) throws IOException {
        int start = src.position();
        boolean bursting = gathering.onWrite(src.remaining());
        while (true) {
            int n = buffer.put(src, bursting ? gathering.bytes() : 0);
            if (!src.hasRemaining()) {
                gathering.hold(bursting, buffer.queued(), engine);
                return;
            }
            gathering.release();
            turnPartial |= n > 0;
            int soFar = (int) Math.min(Integer.MAX_VALUE, before + src.position() - start);
            if (readyToSend() || engine.reportWait()) {
                engine.pause();
            } else {
                writable = engine.madeWaitPoint(writable);
                engine.await(writable, deadline.remaining(limit), "write", soFar);
            }
            throwIfBroken(true);
            deadline.check(limit, engine, "write", soFar);
        }
    }

    /** Refuses a write that begins now. */
    private void throwIfEnded(boolean waited) throws IOException {
        throwIfBroken(waited);
        switch (engine.state.output()) {
            case OPEN -> {}
            case ENDING, ENDED ->
                throw new ConnectionClosedException("write after closeOutput(): this side already ended its half of the"
                        + " stream; open a new connection to send more");
            case FAILED -> throw failure();
        }
    }

    /** Cuts a write that has its turn short, but not because of closeOutput: the end waits for that write. */
    private void throwIfBroken(boolean waited) throws IOException {
        if (engine.state.closed() && !(waited && engine.failedBeforeClose())) {
            throw new ConnectionClosedException("write after close(): this side closed the connection");
        }
        if (engine.state.output() == State.Output.FAILED) {
            throw failure();
        }
    }

    IOException failure() {
        return Failures.again(Objects.requireNonNull(engine.state.failure()));
    }

    void flush() throws IOException {
        gathering.release();
        long limit = deadline.start();
        long target = buffer.accepted();
        for (boolean waited = false; sent < target; waited = true) {
            // A close first: it may itself have failed the output, to cut short a write that was only partly accepted.
            if (engine.state.closed() && !(waited && engine.failedBeforeClose())) {
                throw new ConnectionClosedException("close() came during flush(); close() waits for what is unsent");
            }
            if (engine.state.output() == State.Output.FAILED) {
                throw failure();
            }
            deadline.check(limit, engine, "flush", 0);
            if (readyToSend() || release(Hurry.THIS_THREAD)) {
                engine.pause();
            } else {
                written = engine.madeWaitPoint(written);
                engine.await(written, deadline.remaining(limit), "flush", 0);
            }
        }
    }

    // ---------------------------------------------------------------- writing without a thread

    CompletableFuture<@Nullable Void> writeAsync(ByteBuffer src) {
        if (asyncWrite != null) {
            throw PendingExceptions.write(
                    "an asynchronous write to " + engine.id()
                            + " still waits and nothing of this one was accepted; start the next one when its future completes");
        }
        AsyncWrite write = new AsyncWrite(src, deadline.start());
        try {
            throwIfEnded(false);
            deadline.check(write.limit, engine, "writeAsync", 0);
        } catch (IOException e) {
            write.future.completeExceptionally(e);
            return write.future;
        }
        if (turn != null) {
            asyncWrite = write;
            write.since = System.nanoTime();
        } else {
            boolean bursting = gathering.onWrite(src.remaining());
            buffer.put(src, bursting ? gathering.bytes() : 0);
            if (src.hasRemaining()) {
                asyncWrite = write;
                write.since = System.nanoTime();
                turn = write;
                turnPartial = write.taken() > 0;
                gathering.release();
                engine.reportWait();
            } else {
                gathering.hold(bursting, buffer.queued(), engine);
                write.future.complete(null);
            }
        }
        armTimer();
        return write.future;
    }

    /** Takes in more of the asynchronous write whose turn it is, and completes it when all is in. */
    private void advanceAsyncWrite() {
        AsyncWrite write = asyncWrite;
        if (write == null || turn != write) {
            return;
        }
        int n = buffer.put(write.src, 0);
        turnPartial |= n > 0;
        gathering.release();
        if (!write.src.hasRemaining()) {
            finish(write, null);
        } else {
            engine.reportWait();
        }
    }

    /** Fails the waiting asynchronous write if there is a reason to. */
    private void checkAsyncWrite() {
        AsyncWrite write = asyncWrite;
        if (write == null) {
            return;
        }
        try {
            if (turn == write) {
                throwIfBroken(false);
            } else {
                throwIfEnded(false);
            }
            deadline.check(write.limit, engine, "writeAsync", write.taken());
        } catch (IOException e) {
            finish(write, e);
        }
    }

    private void finish(AsyncWrite write, @Nullable IOException failure) {
        asyncWrite = null;
        if (turn == write) {
            passTurn();
        }
        engine.afterwards(engine.callback(() -> write.finish(failure)));
    }

    // ---------------------------------------------------------------- gathering

    /** Lets go what is held back, here or by the transport. Returns whether that takes leaving the lock. */
    boolean release(Hurry hurry) {
        boolean any = gathering.isHeld() || (sending && told.compareTo(hurry) < 0);
        gathering.release();
        if (any && wanted.compareTo(hurry) < 0) {
            wanted = hurry;
        }
        return any;
    }

    /** Takes what the transport is to be told. */
    Hurry takeHurry() {
        Hurry hurry = wanted;
        if (hurry != Hurry.NONE) {
            wanted = Hurry.NONE;
            told = hurry;
        }
        return hurry;
    }

    void onGathererDone() {
        gathering.onGatherer();
    }

    /** A read came in between: what follows may be an answer, and nobody should wait for it. */
    void noteRead() {
        gathering.interrupt();
    }

    // ---------------------------------------------------------------- sending

    void start() {
        started = true;
    }

    private boolean readyToSend() {
        if (!started || sending) {
            return false;
        }
        return switch (engine.state.output()) {
            case OPEN -> buffer.hasQueued() && !gathering.isHeld();
            case ENDING -> buffer.hasQueued() || turn == null;
            case ENDED, FAILED -> false;
        };
    }

    /** Takes the next piece off for the transport, if there is one and its time has come. */
    @Nullable
    ByteBuffer beginSend() {
        if (!readyToSend()) {
            return null;
        }
        ByteBuffer piece = buffer.takeOff();
        endInFlight = engine.state.output() == State.Output.ENDING && !buffer.hasQueued() && turn == null;
        sending = true;
        told = Hurry.NONE;
        sender = Thread.currentThread();
        answered = false;
        return piece;
    }

    /**
     * Gives the piece that {@link #beginSend} took off to the transport. Called without the lock, by the same thread. Returns
     * what the transport has thrown.
     */
    @Nullable
    Throwable transmit(Transport transport, ByteBuffer piece) {
        boolean end = endInFlight;
        try {
            transport.send(piece, end, end ? trailers : null);
            return null;
        } catch (Throwable t) {
            return t; // whatever it is: what it means depends on whether there was an answer
        }
    }

    /** Whether the calling thread is in {@link #transmit}, where the answer is only noted. Called without the lock. */
    boolean answeredWithin() {
        boolean within = isSender();
        if (within) {
            answered = true;
        }
        return within;
    }

    private boolean isSender() {
        return Thread.currentThread().equals(sender);
    }

    /** After {@link #transmit}: settles the piece if it was answered here. Returns whether it is settled. */
    boolean afterTransmit() {
        if (isSender()) {
            sender = null;
            if (!answered) {
                return false;
            }
            onSent();
        }
        return true; // on another thread, if not here
    }

    /** The piece was written. */
    void onSent() {
        int bytes = buffer.land();
        sent += bytes;
        sending = false;
        sender = null;
        if (engine.sight != null) {
            engine.sight.onSent(bytes > 0);
        }
        if (endInFlight) {
            endInFlight = false;
            engine.state = engine.state.onEndWritten();
            engine.checkOver();
        }
        advanceAsyncWrite();
        EngineCore.signal(writable);
        EngineCore.signalAll(written);
    }

    /** Whether the transport has our end, and has not answered yet. */
    boolean isEndInFlight() {
        return endInFlight;
    }

    /** The piece was not written, and the transport may read it still: it is left to the garbage collector. */
    void onSendThrew() {
        buffer.forget();
        onSendFailed();
    }

    /** The piece was not written and is no longer read. */
    void onSendFailed() {
        buffer.land();
        sending = false;
        endInFlight = false;
        sender = null;
    }

    // ---------------------------------------------------------------- ending

    void end(@Nullable HttpHeaders trailers) {
        if (engine.state.output() == State.Output.OPEN) {
            this.trailers = trailers;
            engine.state = engine.state.onCloseOutput();
            release(Hurry.SOMEBODY);
            wakeAll();
        }
    }

    /** Drops what the transport does not have. */
    void dropUnsent() {
        buffer.discardQueued();
    }

    /** Something changed that ends all waiting, or moves its limits. */
    void wakeAll() {
        EngineCore.signalAll(writable);
        EngineCore.signalAll(turnFree);
        EngineCore.signalAll(written);
        checkAsyncWrite();
    }

    /** Whether a write is under way of which some, but not all, was accepted. */
    boolean isWithinWrite() {
        return turnPartial;
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
        AsyncWrite write = asyncWrite;
        if (write != null && deadline.limits(write.limit)) {
            timer = Threads.schedule(engine::onWriteTimer, deadline.remaining(write.limit));
        }
    }

    // ---------------------------------------------------------------- facts

    String describeBytes() {
        return "sent " + sent + " bytes, " + buffer.size() + " unsent" + (sending ? ", some with the transport" : "");
    }

    void describeWaits(long now, Consumer<String> lines) {
        WaitPoint.describe(writable, "write", now, lines);
        WaitPoint.describe(turnFree, "write, for its turn,", now, lines);
        WaitPoint.describe(written, "flush", now, lines);
        if (asyncWrite != null) {
            lines.accept("an asynchronous write for " + Durations.passed(now - asyncWrite.since));
        }
        deadline.describe("write", now, lines);
    }

    int unsent() {
        return buffer.size();
    }

    long sent() {
        return sent;
    }

    /** Bytes that are written, those included that the transport has taken from the piece it has. */
    long progress() {
        return sent + buffer.taken();
    }

    /** Bytes accepted and not known to be written. */
    long lost() {
        return buffer.accepted() - sent;
    }
}
