package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import org.junit.jupiter.api.Test;

class StateTest {
    private final ConnectionResetException reset =
            new ConnectionResetException("reset", Origin.PEER, ErrorCode.CANCEL, null);
    private final ConnectionLostException lost = new ConnectionLostException("lost", Origin.NETWORK, null, false, null);

    @Test
    void bothHalvesEndIndependently() {
        State state = State.INITIAL.onCloseOutput().onEndWritten();
        assertThat(state.input()).isEqualTo(State.Input.OPEN);
        assertThat(state.over()).isFalse();

        state = state.onPeerEnd(true);
        assertThat(state.over()).isTrue();
        assertThat(state.endedBy()).isEqualTo(Origin.LOCAL);
        assertThat(state.failure()).isNull();
    }

    @Test
    void thePeersEndIsNotOverBeforeItsDataIsRead() {
        State state = State.INITIAL.onPeerEnd(false).onCloseOutput().onEndWritten();
        assertThat(state.over()).isFalse();
        assertThat(state.onAllRead().over()).isTrue();
        assertThat(state.endedBy()).isEqualTo(Origin.PEER);
    }

    @Test
    void aFailureBeforeTheEndBreaksBothHalves() {
        State state = State.INITIAL.onFailure(reset);
        assertThat(state.input()).isEqualTo(State.Input.FAILED);
        assertThat(state.output()).isEqualTo(State.Output.FAILED);
        assertThat(state.over()).isTrue();
    }

    @Test
    void aFailureAfterThePeersEndLeavesTheInputReadable() {
        State state = State.INITIAL.onPeerEnd(false).onFailure(reset);
        assertThat(state.input()).isEqualTo(State.Input.ENDED);
        assertThat(state.output()).isEqualTo(State.Output.FAILED);
        assertThat(state.over()).isTrue();
        assertThat(state.onAllRead().input()).isEqualTo(State.Input.DRAINED);
    }

    @Test
    void aFailureAfterBothEndsIsNoEvent() {
        State state = State.INITIAL.onPeerEnd(true).onCloseOutput().onEndWritten();
        assertThat(state.onFailure(reset)).isSameAs(state);
    }

    @Test
    void theFirstFailureWins() {
        State state = State.INITIAL.onFailure(reset);
        assertThat(state.onFailure(lost)).isSameAs(state);
        assertThat(state.failure()).isSameAs(reset);
    }

    @Test
    void closingEndsTheOutputAndDiscardsTheInput() {
        State state = State.INITIAL.onClose();
        assertThat(state.closed()).isTrue();
        assertThat(state.output()).isEqualTo(State.Output.ENDING);
        assertThat(state.input()).isEqualTo(State.Input.DISCARDING);
        assertThat(state.onPeerEnd(true).onEndWritten().over()).isTrue();
        assertThat(State.INITIAL.onPeerEnd(false).onClose().input()).isEqualTo(State.Input.DRAINED);
    }

    @Test
    void closingAFailedConnectionKeepsTheFailure() {
        State state = State.INITIAL.onFailure(lost).onClose();
        assertThat(state.closed()).isTrue();
        assertThat(state.output()).isEqualTo(State.Output.FAILED);
        assertThat(state.failure()).isSameAs(lost);
    }

    @Test
    void repeatedEventsChangeNothing() {
        State ended = State.INITIAL.onPeerEnd(true);
        assertThat(ended.onPeerEnd(true)).isSameAs(ended);
        State ending = State.INITIAL.onCloseOutput();
        assertThat(ending.onCloseOutput()).isSameAs(ending);
        State discarding = State.INITIAL.onDiscard();
        assertThat(discarding.onDiscard()).isSameAs(discarding);
    }

    @Test
    void anEndThatWasNeverAskedForIsImpossible() {
        assertThatThrownBy(State.INITIAL::onEndWritten).isInstanceOf(AssertionError.class);
    }
}
