package io.h2conn.internal;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one connection must look like, in plain flags and counters. Written from the contract and sharing no code with the
 * engine: where the two disagree, one of them is wrong.
 */
final class ModelReference {
    /** How a call ends that does not return: what is thrown, and what it says about its origin. */
    record Thrown(
            Class<? extends Throwable> type,
            @Nullable Origin origin,
            @Nullable ErrorCode code) {
        static final Thrown CLOSED = new Thrown(ConnectionClosedException.class, Origin.LOCAL, null);
        static final Thrown TIMED_OUT = new Thrown(ConnectionTimeoutException.class, Origin.LOCAL, null);
        static final Thrown INTERRUPTED = new Thrown(InterruptedIOException.class, null, null);
        static final Thrown STATE = new Thrown(IllegalStateException.class, null, null);
        static final Thrown READ_PENDING = new Thrown(ReadPendingException.class, null, null);
        static final Thrown WRITE_PENDING = new Thrown(WritePendingException.class, null, null);
        static final Thrown ON_PURPOSE = new Thrown(OnPurpose.class, null, null);

        static Thrown reset(Origin origin, ErrorCode code) {
            return new Thrown(ConnectionResetException.class, origin, code);
        }

        static Thrown lost() {
            return new Thrown(ConnectionLostException.class, Origin.NETWORK, null);
        }

        boolean matches(@Nullable Throwable actual) {
            if (type == InterruptedIOException.class) {
                return actual != null && actual.getClass() == InterruptedIOException.class; // a timeout is one, too
            }
            return type.isInstance(actual)
                    && (origin == null
                            || (actual instanceof ConnectionFailure failure
                                    && failure.origin() == origin
                                    && (code == null
                                            ? failure.errorCode() == null
                                            : code.equals(failure.errorCode()))));
        }
    }

    /** What a listener or a transport throws in these tests. */
    static final class OnPurpose extends RuntimeException {
        OnPurpose() {
            super("on purpose", null, false, false);
        }
    }

    /** The buffers of a write that is under way. Their positions tell how much of it was accepted. */
    static final class Source {
        final ByteBuffer[] buffers;
        final int total;

        Source(ByteBuffer[] buffers) {
            this.buffers = buffers;
            int bytes = 0;
            for (ByteBuffer buffer : buffers) {
                bytes += buffer.limit();
            }
            this.total = bytes;
        }

        int taken() {
            int bytes = 0;
            for (ByteBuffer buffer : buffers) {
                bytes += buffer.position();
            }
            return bytes;
        }
    }

    final int capacity;
    final int window;
    final int maxWindow;
    final boolean server;

    boolean started;
    boolean closed;
    boolean aborted;
    boolean discarded;
    boolean readLate;
    boolean writeLate;

    @Nullable
    Thrown failure;

    @Nullable
    Thrown whileEnding;

    @Nullable
    Origin endedBy;

    // What the peer sends.
    boolean peerEnded;
    boolean inFailed;
    boolean drained;
    long delivered;
    long handedOut;
    long unread;
    long lent;
    long consumed;
    long credit;

    // What this side sends.
    boolean ending;
    boolean outEnded;
    boolean outFailed;
    boolean sending;
    boolean endInFlight;
    int pieceBytes;
    long takenOff;
    long landed;
    long sent;
    private long accepted;

    @Nullable
    Source blocking;

    @Nullable
    Source async;

    // The report.
    boolean over;
    boolean closeReturns;

    @Nullable
    Thrown closeThrows;

    @Nullable
    Origin reasonOrigin;

    long reasonReceived;
    long reasonSent;
    long reasonLost;
    final List<ErrorCode> resets = new ArrayList<>();

    ModelReference(int capacity, int window, int maxWindow, boolean server) {
        this.capacity = capacity;
        this.window = window;
        this.maxWindow = maxWindow;
        this.server = server;
    }

    static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    long accepted() {
        return accepted + (blocking == null ? 0 : blocking.taken()) + (async == null ? 0 : async.taken());
    }

    long room() {
        return capacity - (accepted() - landed);
    }

    void settleBlocking() {
        accepted = accepted() - (async == null ? 0 : async.taken());
        blocking = null;
    }

    void settleAsync() {
        accepted = accepted() - (blocking == null ? 0 : blocking.taken());
        async = null;
    }

    /** What the peer may send now: bytes. */
    long peersWindow() {
        return window == 0 ? (credit == delivered ? Integer.MAX_VALUE : 0) : window + credit - delivered;
    }

    // ---------------------------------------------------------------- what a call must meet before it does anything

    @Nullable
    Thrown readRefusal(boolean listening) {
        if (listening) {
            return Thrown.STATE;
        }
        return inputRefusal();
    }

    @Nullable
    Thrown inputRefusal() {
        if (closed) {
            return Thrown.CLOSED;
        }
        if (failure != null && (inFailed || aborted)) {
            return failure;
        }
        return discarded ? Thrown.CLOSED : null;
    }

    @Nullable
    Thrown writeRefusal() {
        Thrown broken = writeBroken();
        return broken != null ? broken : ending ? Thrown.CLOSED : null;
    }

    @Nullable
    Thrown writeBroken() {
        return closed ? Thrown.CLOSED : outFailed ? failure : null;
    }

    // ---------------------------------------------------------------- what happens

    void data(int bytes) {
        delivered += bytes;
        if (!peerEnded && !inFailed && !discarded && !closed) {
            unread += bytes;
        } else {
            consumed += bytes;
        }
    }

    void peerEnd() {
        if (inFailed || peerEnded) {
            return;
        }
        peerEnded = true;
        endedBy = endedBy == null ? Origin.PEER : endedBy;
        drained |= unread == 0;
        checkOver();
    }

    /** The application takes bytes by a read. */
    void take(int bytes) {
        handedOut += bytes;
        consumed += bytes;
        unread -= bytes;
        noteDrained();
    }

    void noteDrained() {
        if (unread == 0 && peerEnded) {
            drained = true;
            checkOver();
        }
    }

    void discard() {
        if (!closed) {
            dropInput();
            checkOver();
        }
    }

    private void dropInput() {
        discarded = true;
        dropUnread();
        drained |= peerEnded;
    }

    private void dropUnread() {
        consumed += unread;
        unread = 0;
    }

    void closeOutput() {
        if (!ending && !outEnded && !outFailed) {
            ending = true;
            endedBy = endedBy == null ? Origin.LOCAL : endedBy;
        }
    }

    void close() {
        if (closed) {
            return;
        }
        if (async != null && async.taken() > 0) {
            reset(ErrorCode.CANCEL, Thrown.reset(Origin.LOCAL, ErrorCode.CANCEL));
        }
        closeOutput();
        closed = true;
        dropUnread();
        drained |= peerEnded;
        checkClosing();
        checkOver();
    }

    void closeTimer() {
        if (outEnded) {
            ErrorCode code = server ? ErrorCode.NO_ERROR : ErrorCode.CANCEL;
            reset(code, Thrown.reset(Origin.LOCAL, code));
        } else {
            reset(ErrorCode.CANCEL, Thrown.TIMED_OUT);
        }
    }

    void abort(ErrorCode code) {
        if (!over) {
            aborted = true;
            reset(code, Thrown.reset(Origin.LOCAL, code));
            dropInput();
            checkClosing();
            checkOver();
        } else if (peerEnded && !drained) {
            aborted = true;
            dropInput();
        }
    }

    private void reset(ErrorCode code, Thrown why) {
        if (canFail()) {
            resets.add(code);
            fail(why);
        }
    }

    void failure(Thrown why) {
        if (!peerEnded || !endInFlight) {
            fail(why);
        } else if (whileEnding == null) {
            whileEnding = why;
        }
    }

    void fail(Thrown why) {
        if (!canFail()) {
            return;
        }
        failure = why;
        inFailed = !peerEnded;
        outFailed = !outEnded;
        if (inFailed) {
            dropUnread();
        }
        checkClosing();
        checkOver();
    }

    private boolean canFail() {
        return failure == null && (!peerEnded || !outEnded);
    }

    // ---------------------------------------------------------------- what the transport is given, and answers

    void pieceSent(int bytes, boolean end) {
        require(started, "sent before the headers were out");
        require(!sending, "a second piece while the first is under way");
        require(!outFailed && !outEnded && !endInFlight, "sent after the end or a failure");
        require(bytes > 0 || end, "an empty piece without an end");
        require(takenOff + bytes <= accepted(), "sent what was not accepted");
        require(accepted() - landed <= capacity, "accepted more than the send buffer holds");
        if (end) {
            require(ending, "an end that nobody asked for");
            require(takenOff + bytes == accepted(), "an end before all that was accepted");
            require(
                    async == null || async.taken() == async.total || writeLate || closed,
                    "an end in the middle of a write");
        }
        sending = true;
        endInFlight = end;
        pieceBytes = bytes;
        takenOff += bytes;
    }

    void answered() {
        settlePiece();
        sent += pieceBytes;
        if (endInFlight) {
            endInFlight = false;
            outEnded = !outFailed;
            checkClosing();
            checkOver();
        }
    }

    void answeredBadly() {
        settlePiece();
        endInFlight = false;
        fail(whileEnding != null ? whileEnding : Thrown.lost());
    }

    private void settlePiece() {
        require(sending, "an answer without a piece");
        sending = false;
        landed += pieceBytes;
    }

    // ---------------------------------------------------------------- the report

    private void checkClosing() {
        if (!closed || closeReturns) {
            return;
        }
        if (outFailed) {
            Thrown first = Objects.requireNonNull(failure);
            boolean unwanted =
                    aborted || (peerEnded && first.origin() == Origin.PEER && ErrorCode.NO_ERROR.equals(first.code()));
            closeThrows = accepted() == sent || unwanted ? null : first;
            closeReturns = true;
        } else {
            closeReturns = outEnded;
        }
    }

    private void checkOver() {
        if (over || !(failure != null || (drained && outEnded))) {
            return;
        }
        over = true;
        reasonOrigin = failure == null ? endedBy : failure.origin();
        reasonReceived = delivered;
        reasonSent = sent;
        reasonLost = failure == null ? 0 : accepted() - sent;
    }
}
