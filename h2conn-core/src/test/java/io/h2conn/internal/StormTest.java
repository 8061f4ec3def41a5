package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Storms for a few seconds, or as many as {@code -Dh2conn.model.seconds} says. {@code -Dh2conn.model.seed} repeats what the
 * threads of one did, many times over, since nothing repeats their order.
 */
class StormTest {
    private static final long SECONDS = Long.getLong("h2conn.model.seconds", 3);
    private static final ExecutorService WIRE = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        return thread;
    });

    @AfterAll
    static void stop() {
        WIRE.shutdownNow();
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    void whateverTheOrderOfTheThreadsNothingIsLostAndNobodyWaitsForEver() {
        Long seed = Long.getLong("h2conn.model.seed");
        long first = seed != null ? seed : ThreadLocalRandom.current().nextLong();
        long start = System.nanoTime();
        long storms = 0;
        long bytes = 0;
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)) {
            bytes += run(seed != null ? seed : first + storms, ModelPlant.NONE, 20_000);
            storms++;
        }
        System.out.println("storm: " + storms + " from seed " + first + ", " + bytes + " bytes");
        assertThat(bytes).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "LOSE_A_BYTE_READ",
                "DOUBLE_A_BYTE_READ",
                "SWAP_BYTES_READ",
                "FORGET_AN_ANSWER",
                "FORGET_A_PAUSE",
                "RELEASE_TWICE",
                "RELEASE_NEVER",
                "FORGET_THE_END"
            })
    void aFaultOnPurposeIsSeen(ModelPlant plant) {
        assertThatThrownBy(() -> {
                    for (long seed = 0; seed < 500; seed++) {
                        run(seed, plant, 300);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-Dh2conn.model.seed=");
    }

    private static long run(long seed, ModelPlant plant, long patienceMillis) {
        try {
            return new Storm(seed, plant, patienceMillis, WIRE).run();
        } catch (Exception | AssertionError e) {
            throw new AssertionError(e.getMessage() + "\nrepeat with -Dh2conn.model.seed=" + seed, e);
        }
    }
}
