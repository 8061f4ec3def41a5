package io.h2conn.internal;

import io.h2conn.ConnectionFailure;
import io.h2conn.Origin;
import org.jspecify.annotations.Nullable;

/**
 * What a connection can be in: two halves that move independently, whether this side has closed it, and the first
 * failure. Immutable; each event is a pure function to the next state, and {@code this} when the event changes nothing.
 *
 * <pre>
 * Input: what the peer sends                          Output: what we send
 *
 *   OPEN ---- peer's END_STREAM ----&gt; ENDED             OPEN
 *    |                                  |                 | closeOutput, close
 *    | input().close(), close           | all read        v
 *    v                                  | or discarded  ENDING
 *   DISCARDING                          v                 | END_STREAM written
 *    |-------- peer's END_STREAM ----&gt; DRAINED            v
 *    |                                                  ENDED
 *    | failure (also from OPEN)
 *    v                                                  OPEN and ENDING: failure -&gt; FAILED
 *   FAILED
 * </pre>
 *
 * A failure leaves alone what it can no longer harm: input that had ended stays readable, output that had ended was
 * sent. So a reset or a loss after the peer's END_STREAM fails only our writes, and one after both ends is no event.
 *
 * @param input the peer's half
 * @param output our half
 * @param closed whether this side called close: every later call is refused
 * @param endedBy whose half ended first, or {@code null} while neither has
 * @param failure the first failure that broke something, or {@code null}
 */
record State(
        Input input,
        Output output,
        boolean closed,
        @Nullable Origin endedBy,
        @Nullable ConnectionFailure failure) {

    enum Input {
        /** The peer may send; what arrives is kept for the reader. */
        OPEN,
        /** The peer may send; what arrives is dropped, and its credit given back. */
        DISCARDING,
        /** The peer has sent END_STREAM; some of what came before it is unread. */
        ENDED,
        /** The peer has sent END_STREAM, and everything before it was read or discarded. */
        DRAINED,
        /** Broken before the peer's END_STREAM. */
        FAILED
    }

    enum Output {
        /** Writes are accepted. */
        OPEN,
        /** No more writes; END_STREAM follows what was accepted. */
        ENDING,
        /** END_STREAM has been written to the socket. */
        ENDED,
        /** Broken before END_STREAM was written. */
        FAILED
    }

    static final State INITIAL = new State(Input.OPEN, Output.OPEN, false, null, null);

    /** The peer's END_STREAM arrived, after all its data. */
    State onPeerEnd(boolean allRead) {
        Origin first = endedBy == null ? Origin.PEER : endedBy;
        return switch (input) {
            case OPEN -> new State(allRead ? Input.DRAINED : Input.ENDED, output, closed, first, failure);
            case DISCARDING -> new State(Input.DRAINED, output, closed, first, failure);
            case ENDED, DRAINED, FAILED -> this;
        };
    }

    /** The reader took the last byte that had arrived. */
    State onAllRead() {
        return switch (input) {
            case ENDED -> new State(Input.DRAINED, output, closed, endedBy, failure);
            case OPEN, DISCARDING, DRAINED, FAILED -> this;
        };
    }

    /** This side wants no more input. */
    State onDiscard() {
        return switch (input) {
            case OPEN -> new State(Input.DISCARDING, output, closed, endedBy, failure);
            case ENDED -> new State(Input.DRAINED, output, closed, endedBy, failure);
            case DISCARDING, DRAINED, FAILED -> this;
        };
    }

    /** This side ends its half. */
    State onCloseOutput() {
        return switch (output) {
            case OPEN -> new State(input, Output.ENDING, closed, endedBy == null ? Origin.LOCAL : endedBy, failure);
            case ENDING, ENDED, FAILED -> this;
        };
    }

    /** Our END_STREAM was written to the socket. */
    State onEndWritten() {
        return switch (output) {
            case ENDING -> new State(input, Output.ENDED, closed, endedBy, failure);
            case FAILED -> this;
            case OPEN, ENDED -> throw new AssertionError("END_STREAM written in " + this);
        };
    }

    /** This side closes: our half ends, the peer's is discarded. */
    State onClose() {
        State ended = onCloseOutput().onDiscard();
        return new State(ended.input, ended.output, true, ended.endedBy, ended.failure);
    }

    /** The stream was reset by either side, or the session is gone. */
    State onFailure(ConnectionFailure cause) {
        return canFail()
                ? new State(
                        inputIsPending() ? Input.FAILED : input,
                        outputIsPending() ? Output.FAILED : output,
                        closed,
                        endedBy,
                        cause)
                : this;
    }

    /** Whether there is anything left that a failure could break. */
    boolean canFail() {
        return failure == null && (inputIsPending() || outputIsPending());
    }

    private boolean inputIsPending() {
        return input == Input.OPEN || input == Input.DISCARDING;
    }

    private boolean outputIsPending() {
        return output == Output.OPEN || output == Output.ENDING;
    }

    /** Whether the peer's END_STREAM has arrived. */
    boolean peerEnded() {
        return input == Input.ENDED || input == Input.DRAINED;
    }

    /** Whether nothing more can happen on the wire: both halves ended, or a failure broke what was left of them. */
    boolean over() {
        return failure != null || (input == Input.DRAINED && output == Output.ENDED);
    }
}
