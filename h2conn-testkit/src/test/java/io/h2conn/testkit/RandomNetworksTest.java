package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever the network does, what arrives is a beginning of what was sent, and it is all of it unless there is a failure. The
 * system property {@code h2conn.rounds} sets how many networks, {@code h2conn.testkit.seed} the first of them.
 */
class RandomNetworksTest {
    private static final int NETWORKS_A_ROUND = 300;
    private static final int BYTES = 3_000;
    /** Each window costs a round trip, of up to 8 milliseconds. */
    private static final int SMALLEST_WINDOW = 50;

    private static final ConnectionOptions OPTIONS =
            ConnectionOptions.defaults().sendBufferBytes(700).closeTimeout(Duration.ofMillis(100));

    /** Both ends block at the same time, and the common pool of two cores has one thread. */
    private static final Executor OWN_THREADS = task -> {
        Thread thread = new Thread(task, "random-networks");
        thread.setDaemon(true);
        thread.start();
    };

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @Test
    void whatArrivesIsABeginningOfWhatWasSentAndAllOfItUnlessThereIsAFailure() throws Exception {
        long first;
        try (FaultyPair any = FaultyPair.builder().connect()) {
            first = any.seed();
        }
        int networks = NETWORKS_A_ROUND * Integer.getInteger("h2conn.rounds", 1);
        for (long seed = first; seed < first + networks; seed++) {
            Random random = new Random(seed);
            FaultyPair pair = FaultyPair.builder()
                    .seed(seed)
                    .toServer(conditions(random))
                    .toClient(conditions(random))
                    .window(SMALLEST_WINDOW + random.nextInt(2_000))
                    .options(OPTIONS)
                    .connect();
            try (pair) {
                talk(pair, random);
            } catch (Throwable t) {
                throw new AssertionError("with " + pair, t);
            }
        }
    }

    private static void talk(FaultyPair pair, Random random) throws Exception {
        CompletableFuture<?> served =
                pair.serve(connection -> connection.input().transferTo(connection.output()));
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> writeAll(pair.client()), OWN_THREADS);
        CompletableFuture<Boolean> reading = CompletableFuture.supplyAsync(() -> readAll(pair.client()), OWN_THREADS);
        switch (random.nextInt(8)) {
            case 0 -> pair.lose();
            case 1 -> pair.reset(ErrorCode.CANCEL);
            case 2 -> pair.lose(Side.CLIENT);
            case 3 -> {
                pair.freeze(Direction.TO_CLIENT);
                pair.thaw(Direction.TO_CLIENT);
            }
            default -> {} // only what the conditions do
        }
        writing.get(20, TimeUnit.SECONDS);
        boolean complete = reading.get(20, TimeUnit.SECONDS);
        pair.client().abort(); // no event if it is over
        pair.server().abort();
        CloseReason reason = pair.client().closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(complete).isEqualTo(reason.isOrderly());
        assertThat(served.handle((result, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    private static NetworkConditions conditions(Random random) {
        NetworkConditions conditions = NetworkConditions.perfect();
        if (random.nextInt(3) == 0) {
            conditions = conditions.latency(
                    Duration.ofNanos(random.nextInt(2_000_000)), Duration.ofNanos(random.nextInt(2_000_000)));
        }
        if (random.nextInt(3) == 0) {
            conditions = conditions.bandwidth(200_000 + random.nextInt(1_000_000));
        }
        if (random.nextInt(3) > 0) {
            conditions = conditions.fragments(1 + random.nextInt(100));
        }
        int at = random.nextInt(2 * BYTES);
        return switch (random.nextInt(6)) {
            case 0 -> conditions.loseAt(at);
            case 1 -> conditions.resetAt(at, ErrorCode.CANCEL);
            case 2 -> conditions.resetAt(at, ErrorCode.CANCEL, random.nextBoolean() ? Side.CLIENT : Side.SERVER);
            default -> conditions;
        };
    }

    private static void writeAll(DuplexConnection connection) {
        try {
            connection.setWriteTimeout(Duration.ofSeconds(10));
            Numbered.write(connection, BYTES);
            connection.closeOutput();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(ConnectionFailure.class);
        }
    }

    /** Whether all came, and the end after it. */
    private static boolean readAll(DuplexConnection connection) {
        int[] count = new int[1];
        try {
            Numbered.readToEnd(connection, count);
        } catch (IOException e) {
            assertThat(e).isInstanceOf(ConnectionFailure.class);
            return false;
        }
        assertThat(count[0]).isEqualTo(BYTES);
        return true;
    }
}
