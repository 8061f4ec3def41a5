package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimersTest {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final Timers timers = new Timers(timer);

    TimersTest() {
        timer.setRemoveOnCancelPolicy(true);
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1, 199, 201, 350})
    void comesOnceWhenItIsDueAndNotBefore(long millis) throws Exception {
        CountDownLatch come = new CountDownLatch(1);
        AtomicInteger times = new AtomicInteger();
        long start = System.nanoTime();

        timers.schedule(
                () -> {
                    times.incrementAndGet();
                    come.countDown();
                },
                Duration.ofMillis(millis).toNanos());

        assertThat(come.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(millis));
        assertThat(times).hasValue(1);
    }

    @Test
    void thoseThatAreCancelledSoonNeverReachTheTimer() {
        for (int i = 0; i < 100_000; i++) {
            timers.schedule(() -> {}, TimeUnit.HOURS.toNanos(1)).cancel();
        }

        // The one that looks through the list, unless it does so now.
        assertThat(timer.getTaskCount()).isLessThan(100);
        awaitEmpty();
        assertThat(timer.getQueue()).isEmpty();
    }

    @Test
    void thoseThatAreCancelledLaterLeaveTheTimer() {
        List<Timer> pending = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            pending.add(timers.schedule(() -> {}, TimeUnit.HOURS.toNanos(1)));
        }
        awaitEmpty();
        assertThat(timer.getQueue()).hasSize(1_000);

        pending.forEach(Timer::cancel);
        pending.forEach(Timer::cancel);

        assertThat(timer.getQueue()).isEmpty();
    }

    private void awaitEmpty() {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (timers.listed() > 0 || timer.getActiveCount() > 0) {
            assertThat(System.nanoTime()).isLessThan(limit);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
