package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class NetworkConditionsTest {
    private static final NetworkConditions PERFECT = NetworkConditions.perfect();

    @Test
    void settingsAreCopies() {
        NetworkConditions slow = PERFECT.latency(Duration.ofMillis(2));
        assertThat(slow).isNotEqualTo(PERFECT).isEqualTo(PERFECT.latency(Duration.ofMillis(2)));
        assertThat(slow.hashCode())
                .isEqualTo(PERFECT.latency(Duration.ofMillis(2)).hashCode());
        assertThat(PERFECT).isEqualTo(NetworkConditions.perfect());
    }

    @Test
    void theDescriptionSaysEverything() {
        assertThat(PERFECT).hasToString("perfect");
        assertThat(PERFECT.latency(Duration.ofMillis(2), Duration.ofMillis(1))
                        .bandwidth(5_000)
                        .fragments(7)
                        .freezeAt(9)
                        .loseAt(11))
                .hasToString(
                        "latency 2.0 ms to 3.0 ms, 5000 bytes a second, fragments of 1 to 7 bytes, frozen at byte 9,"
                                + " lost at byte 11");
        assertThat(PERFECT.fragments(1).resetAt(3, ErrorCode.CANCEL))
                .hasToString("byte by byte, reset with CANCEL by something in between at byte 3");
        assertThat(PERFECT.resetAt(3, ErrorCode.CANCEL, Side.CLIENT))
                .hasToString("reset with CANCEL by the client at byte 3");
        assertThat(PERFECT.loseAt(3, Side.SERVER)).hasToString("lost, which only the server notices, at byte 3");
    }

    @Test
    void theLastBreakageCounts() {
        assertThat(PERFECT.loseAt(3).resetAt(5, ErrorCode.CANCEL)).isEqualTo(PERFECT.resetAt(5, ErrorCode.CANCEL));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        List<ThrowingCallable> calls = List.of(
                () -> PERFECT.latency(Duration.ofNanos(-1)),
                () -> PERFECT.latency(Duration.ZERO, Duration.ofNanos(-1)),
                () -> PERFECT.latency(Duration.ofDays(1).plusNanos(1)),
                () -> PERFECT.bandwidth(0),
                () -> PERFECT.fragments(0),
                () -> PERFECT.freezeAt(-1),
                () -> PERFECT.resetAt(-1, ErrorCode.CANCEL),
                () -> PERFECT.resetAt(-1, ErrorCode.CANCEL, Side.CLIENT),
                () -> PERFECT.loseAt(-1),
                () -> PERFECT.loseAt(-1, Side.CLIENT),
                () -> FaultyPair.builder().window(0));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
