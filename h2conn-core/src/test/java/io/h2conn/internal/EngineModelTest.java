package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The engine against the reference, for a few seconds, or as many as {@code -Dh2conn.model.seconds} says. A failure names the
 * seed of its sequence, {@code -Dh2conn.model.seed} repeats it, and what it prints is the shortest sequence found that fails.
 */
class EngineModelTest {
    private static final long SECONDS = Long.getLong("h2conn.model.seconds", 3);
    private static final int STEPS = 100;

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    void theEngineDoesWhatTheReferenceSays() throws Exception {
        apart(EngineModelTest::runMany);
    }

    /** On a thread of its own, which is interrupted all the time, and whose stack traces are short. */
    private static void apart(Runnable runs) throws Exception {
        FutureTask<?> task = new FutureTask<>(runs, null);
        Thread thread = new Thread(task, "model");
        thread.setDaemon(true);
        thread.start();
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static void runMany() {
        Long seed = Long.getLong("h2conn.model.seed");
        if (seed != null) {
            run(seed, ModelPlant.NONE);
            return;
        }
        long first = ThreadLocalRandom.current().nextLong();
        long start = System.nanoTime();
        long sequences = 0;
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)) {
            run(first + sequences++, ModelPlant.NONE);
        }
        Duration busy = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
        System.out.println("model: " + sequences * STEPS + " steps from seed " + first + ", "
                + sequences * STEPS * 1000 / Math.max(1, busy.toMillis()) + " a second of processor time");
        assertThat(sequences).isPositive();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aFaultOnPurposeIsSeen(ModelPlant plant) {
        assertThatThrownBy(() -> apart(() -> {
                    for (long seed = 0; seed < 2_000; seed++) {
                        run(seed, plant);
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-Dh2conn.model.seed=");
    }

    private static void run(long seed, ModelPlant plant) {
        SplittableRandom random = new SplittableRandom(seed);
        long setup = random.nextLong();
        List<Long> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(random.nextLong());
        }
        if (failure(setup, steps, plant, null) != null) {
            List<Long> few = shorter(setup, steps, plant);
            List<String> log = new ArrayList<>();
            Throwable failure = failure(setup, few, plant, log);
            throw new AssertionError(
                    "the engine differs from the reference: " + failure + "\n  " + String.join("\n  ", log)
                            + "\nrepeat with -Dh2conn.model.seed=" + seed,
                    failure);
        }
    }

    /** Leaves out steps, many at a time and then one by one, as long as what is left still fails. */
    private static List<Long> shorter(long setup, List<Long> steps, ModelPlant plant) {
        List<Long> few = steps;
        for (int size = few.size() / 2; size > 0; size /= 2) {
            for (int from = 0; from + size <= few.size(); ) {
                List<Long> fewer = new ArrayList<>(few);
                fewer.subList(from, from + size).clear();
                if (failure(setup, fewer, plant, null) != null) {
                    few = fewer;
                } else {
                    from += size;
                }
            }
        }
        return few;
    }

    private static Throwable failure(long setup, List<Long> steps, ModelPlant plant, List<String> log) {
        ModelRun run = new ModelRun(setup, plant, log != null);
        try {
            for (long step : steps) {
                run.step(step);
                if (run.isTooSlow()) {
                    return null;
                }
            }
            run.finish(setup);
            return null;
        } catch (Throwable t) {
            return run.isTooSlow() ? null : t;
        } finally {
            boolean unused = Thread.interrupted();
            if (log != null) {
                log.addAll(run.log());
            }
        }
    }
}
