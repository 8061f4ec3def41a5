package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SparesTest {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final Spares<AtomicInteger> spares = new Spares<>(
            2,
            () -> {
                made.incrementAndGet();
                return new AtomicInteger();
            },
            spare -> spare.set(0),
            spare -> {
                ended.incrementAndGet();
                spare.set(-1);
            });

    @Test
    void whatWasGivenBackIsTakenAgain() {
        AtomicInteger first = spares.take();
        first.set(7);
        spares.give(first);

        assertThat(spares.take()).isSameAs(first).hasValue(0);
        assertThat(made).hasValue(1);
    }

    @Test
    void whatIsMoreThanASpareIsEnded() {
        List<AtomicInteger> taken = List.of(spares.take(), spares.take(), spares.take(), spares.take());

        taken.forEach(spares::give);

        assertThat(ended).hasValue(2);
        assertThat(taken).extracting(AtomicInteger::get).containsExactly(0, 0, -1, -1);
    }

    @Test
    void nothingIsUsedTwiceAtATimeNorAfterItsEndNorLost() throws Exception {
        int threads = 8;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<?>> users = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            users.add(executor.submit(() -> {
                for (int count = 0; count < 20_000; count++) {
                    AtomicInteger spare = spares.take();
                    assertThat(spare.getAndIncrement()).isZero();
                    spares.give(spare);
                }
            }));
        }
        for (Future<?> user : users) {
            user.get(20, TimeUnit.SECONDS);
        }
        executor.shutdown();

        assertThat(made.get() - ended.get()).isBetween(1, 2);
    }
}
