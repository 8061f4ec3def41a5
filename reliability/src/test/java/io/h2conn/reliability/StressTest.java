package io.h2conn.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A few rounds; what is rare takes hours. */
@Timeout(120)
class StressTest {
    @Test
    void aFewRoundsFindNothing() throws Exception {
        Stress stress = Stress.of(0.1, 1, 42);

        assertThat(stress.call()).isZero();
        assertThat(stress.findings()).isEmpty();
        assertThat(stress.acts()).isPositive();
    }
}
