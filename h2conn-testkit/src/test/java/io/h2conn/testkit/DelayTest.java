package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Latency and bandwidth. How long something takes at least is certain; how long at most, only the machine knows. */
class DelayTest {
    private static final NetworkConditions PERFECT = NetworkConditions.perfect();
    private static final Duration LATENCY = Duration.ofMillis(40);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final long start = System.nanoTime();

    @Test
    void nothingArrivesBeforeTheLatencyIsOver() throws IOException {
        try (FaultyPair pair =
                FaultyPair.builder().toServer(PERFECT.latency(LATENCY)).connect()) {
            pair.client().write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(1);
            assertThat(elapsed()).isGreaterThanOrEqualTo(LATENCY);
        }
    }

    @Test
    void anEndATrailerAndAResetTakeAsLongAsData() throws Exception {
        try (FaultyPair ends =
                        FaultyPair.builder().toServer(PERFECT.latency(LATENCY)).connect();
                FaultyPair resets =
                        FaultyPair.builder().toServer(PERFECT.latency(LATENCY)).connect()) {
            CompletableFuture<?> reset = resets.server().closed().toCompletableFuture();
            resets.client().abort();
            ends.client().closeOutput();
            assertThat(ends.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(elapsed()).isGreaterThanOrEqualTo(LATENCY);
            reset.get(10, TimeUnit.SECONDS);
            assertThat(elapsed()).isGreaterThanOrEqualTo(LATENCY);
        }
    }

    @Test
    void aResetDoesNotOvertakeWhatWasSentBefore() throws Exception {
        try (FaultyPair pair =
                FaultyPair.builder().toServer(PERFECT.latency(LATENCY)).connect()) {
            pair.client().write(ByteBuffer.wrap(new byte[10]));
            pair.client().flush();
            pair.client().abort(ErrorCode.CANCEL);
            var reason = pair.server().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(reason.bytesReceived()).isEqualTo(10);
            assertThat(reason.code()).isEqualTo(ErrorCode.CANCEL);
        }
    }

    @Test
    void aRoundTripTakesBothLatencies() throws IOException {
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(PERFECT.latency(LATENCY))
                .toClient(PERFECT.latency(LATENCY))
                .connect()) {
            CompletableFuture<?> echoing = pair.server().listen(pair.server()::writeAsync);
            pair.client().write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(1);
            assertThat(elapsed()).isGreaterThanOrEqualTo(LATENCY.multipliedBy(2));
            assertThat(echoing).isNotDone();
        }
    }

    @Test
    void creditTravelsAsSlowlyAsData() throws Exception {
        try (FaultyPair pair = FaultyPair.builder()
                .window(100)
                .toClient(PERFECT.latency(LATENCY))
                .connect()) {
            CompletableFuture<Integer> reading = reading(pair.server());
            Numbered.write(pair.client(), 300); // two more windows, each of which waits for credit from the server
            pair.client().closeOutput();
            assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(300);
            assertThat(elapsed()).isGreaterThanOrEqualTo(LATENCY.multipliedBy(2));
        }
    }

    @Test
    void jitterKeepsTheOrder() throws Exception {
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(PERFECT.latency(Duration.ofMillis(1), Duration.ofMillis(10))
                        .fragments(10))
                .connect()) {
            CompletableFuture<Integer> reading = reading(pair.server());
            for (int i = 0; i < 4; i++) {
                Numbered.write(pair.client(), 251);
            }
            pair.client().closeOutput();
            assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(4 * 251);
            assertThat(elapsed()).isGreaterThanOrEqualTo(Duration.ofMillis(1));
        }
    }

    @Test
    void bandwidthBoundsHowMuchArrivesInATime() throws Exception {
        int rate = 40_000;
        try (FaultyPair pair =
                FaultyPair.builder().toServer(PERFECT.bandwidth(rate)).connect()) {
            CompletableFuture<Integer> reading = reading(pair.server());
            Numbered.write(pair.client(), rate / 10);
            pair.client().closeOutput();
            assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(rate / 10);
            assertThat(elapsed()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        }
    }

    @Test
    void aSmallBandwidthBringsSomeAtATime() throws Exception {
        try (FaultyPair pair =
                FaultyPair.builder().toServer(PERFECT.bandwidth(1_000)).connect()) {
            Numbered.write(pair.client(), 50_000);
            // All of it takes 50 seconds; a hundredth of a second's worth is there long before.
            Numbered.read(pair.server(), 20);
            assertThat(elapsed()).isBetween(Duration.ofMillis(20), Duration.ofSeconds(20));
        }
    }

    @Test
    void onlyTheConfiguredDirectionIsSlow() throws IOException {
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(PERFECT.latency(Duration.ofDays(1)))
                .connect()) {
            pair.server().write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static CompletableFuture<Integer> reading(DuplexConnection connection) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return Numbered.readToEnd(connection);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }
}
