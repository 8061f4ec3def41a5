package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.conformance.LeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resets and losses: exactly so many bytes arrive before, and who fails with what. */
class BreakageTest {
    private static final NetworkConditions PERFECT = NetworkConditions.perfect();

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest
    @ValueSource(ints = {1, 99, 100, 5_000})
    void aLossLetsExactlySoManyBytesArriveAndFailsBothSides(int at) throws Exception {
        try (FaultyPair pair = pair(PERFECT.loseAt(at), PERFECT)) {
            Numbered.write(pair.client(), 5_000);
            assertThat(readUntilFailure(pair.server())).isEqualTo(at);
            for (DuplexConnection side : List.of(pair.client(), pair.server())) {
                CloseReason reason = end(side);
                assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
                assertThat(reason.code()).isNull();
                assertThat(reason.failure()).isInstanceOf(ConnectionLostException.class);
                assertThatThrownBy(() -> side.write(ByteBuffer.allocate(1)))
                        .isInstanceOf(ConnectionLostException.class)
                        .hasMessageContaining(at + " bytes to the server");
            }
            assertThat(end(pair.server()).bytesReceived()).isEqualTo(at);
        }
    }

    @Test
    void aResetInBetweenIsThePeersForBothSides() throws Exception {
        try (FaultyPair pair = pair(PERFECT, PERFECT.resetAt(10, ErrorCode.ENHANCE_YOUR_CALM))) {
            Numbered.write(pair.server(), 100);
            assertThat(readUntilFailure(pair.client())).isEqualTo(10);
            requireReset(pair.client(), Origin.PEER, ErrorCode.ENHANCE_YOUR_CALM);
            requireReset(pair.server(), Origin.PEER, ErrorCode.ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void aResetBySenderOrReceiverIsThatSidesOwn() throws Exception {
        for (Side by : Side.values()) {
            for (Direction direction : Direction.values()) {
                NetworkConditions resets = PERFECT.resetAt(10, ErrorCode.of(0x2a), by);
                try (FaultyPair pair =
                        direction == Direction.TO_SERVER ? pair(resets, PERFECT) : pair(PERFECT, resets)) {
                    boolean toServer = direction == Direction.TO_SERVER;
                    Numbered.write(toServer ? pair.client() : pair.server(), 100);
                    assertThat(readUntilFailure(toServer ? pair.server() : pair.client()))
                            .isEqualTo(10);
                    requireReset(pair.client(), by == Side.CLIENT ? Origin.LOCAL : Origin.PEER, ErrorCode.of(0x2a));
                    requireReset(pair.server(), by == Side.SERVER ? Origin.LOCAL : Origin.PEER, ErrorCode.of(0x2a));
                }
            }
        }
    }

    @Test
    void aResetOfOneSideTakesTheLatencyToTheOther() throws Exception {
        Duration latency = Duration.ofMillis(30);
        try (FaultyPair pair =
                pair(PERFECT.resetAt(0, ErrorCode.CANCEL, Side.CLIENT).latency(latency), PERFECT)) {
            long start = System.nanoTime();
            requireReset(pair.server(), Origin.PEER, ErrorCode.CANCEL);
            // The clock started when the pair did, a little earlier.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(latency.dividedBy(2));
        }
    }

    @Test
    void atByteZeroTheFaultIsThereFromTheStart() throws Exception {
        try (FaultyPair lost = pair(PERFECT.loseAt(0), PERFECT);
                FaultyPair reset = pair(PERFECT, PERFECT.resetAt(0, ErrorCode.REFUSED_STREAM, Side.SERVER))) {
            assertThat(end(lost.server()).origin()).isEqualTo(Origin.NETWORK);
            assertThat(lost.client().isOpen()).isFalse();
            requireReset(reset.client(), Origin.PEER, ErrorCode.REFUSED_STREAM);
        }
    }

    @Test
    void theEndDoesNotArriveAfterTheLastByte() throws Exception {
        try (FaultyPair pair = pair(PERFECT.loseAt(100), PERFECT)) {
            Numbered.write(pair.client(), 100);
            pair.client().closeOutput();
            assertThat(readUntilFailure(pair.server())).isEqualTo(100);
        }
    }

    @Test
    void aSideThatHadSaidAllItHadToSayStillResets() throws Exception {
        try (FaultyPair pair = pair(PERFECT, PERFECT.resetAt(100, ErrorCode.CANCEL, Side.SERVER))) {
            pair.client().closeOutput();
            assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            Numbered.write(pair.server(), 200);
            pair.server().closeOutput();
            assertThat(end(pair.server()).isOrderly()).isTrue();
            assertThat(readUntilFailure(pair.client())).isEqualTo(100);
        }
    }

    @Test
    void aDirectionThatEndsBeforeIsSpared() throws Exception {
        try (FaultyPair pair = pair(PERFECT.loseAt(101), PERFECT)) {
            Numbered.write(pair.client(), 100);
            pair.client().closeOutput();
            pair.server().closeOutput();
            assertThat(Numbered.readToEnd(pair.server())).isEqualTo(100);
            assertThat(Numbered.readToEnd(pair.client())).isZero();
            assertThat(end(pair.server()).isOrderly()).isTrue();
            assertThat(end(pair.client()).isOrderly()).isTrue();
        }
    }

    @Test
    void nothingStrikesBeforeTheBytesAreRead() throws Exception {
        try (FaultyPair pair = pair(PERFECT.loseAt(100), PERFECT)) {
            Numbered.write(pair.client(), 200);
            Numbered.read(pair.server(), 99);
            pair.server().write(ByteBuffer.allocate(1));
            assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(1);
            assertThat(pair.server().input().read()).isEqualTo(99);
            assertThat(pair.server().isOpen()).isFalse();
        }
    }

    @Test
    void anAbortIsNotHeldUpByBytesThatAreNotRead() throws Exception {
        try (FaultyPair pair = pair(PERFECT.loseAt(100), PERFECT)) {
            Numbered.write(pair.client(), 200);
            pair.client().abort(ErrorCode.INTERNAL_ERROR);
            requireReset(pair.server(), Origin.PEER, ErrorCode.INTERNAL_ERROR);
        }
    }

    @Test
    void onlyOneSideHearsOfAHalfOpenConnection() throws Exception {
        for (Side noticing : Side.values()) {
            try (FaultyPair pair = pair(PERFECT.loseAt(100, noticing), PERFECT)) {
                DuplexConnection knows = noticing == Side.CLIENT ? pair.client() : pair.server();
                DuplexConnection waits = noticing == Side.CLIENT ? pair.server() : pair.client();
                Numbered.write(pair.client(), 200);
                Numbered.read(pair.server(), 100);
                assertThat(end(knows).origin()).isEqualTo(Origin.NETWORK);

                waits.setReadTimeout(Duration.ofMillis(30));
                assertThatThrownBy(() -> waits.read(ByteBuffer.allocate(1)))
                        .isInstanceOf(ConnectionTimeoutException.class);
                waits.write(ByteBuffer.allocate(10));
                assertThat(waits.isOpen()).isTrue();
                waits.abort();
                assertThat(end(waits).origin()).isEqualTo(Origin.LOCAL);
            }
        }
    }

    @Test
    void aHalfOpenConnectionClosesInBoundedTime() throws Exception {
        ConnectionOptions options =
                ConnectionOptions.defaults().closeTimeout(Duration.ofMillis(50)).sendBufferBytes(1_000);
        try (FaultyPair pair = FaultyPair.builder().options(options).window(100).connect()) {
            pair.lose(Side.SERVER);
            assertThat(end(pair.server()).origin()).isEqualTo(Origin.NETWORK);
            Numbered.write(pair.client(), 500);
            assertThatThrownBy(pair.client()::close).isInstanceOf(ConnectionTimeoutException.class);
            assertThat(end(pair.client()).bytesNotDelivered()).isEqualTo(500);
        }
    }

    @Test
    void theControlsStrikeWhetherOrNotAnybodyReads() throws Exception {
        try (FaultyPair lost = pair(PERFECT, PERFECT);
                FaultyPair reset = pair(PERFECT, PERFECT)) {
            for (FaultyPair pair : List.of(lost, reset)) {
                Numbered.write(pair.client(), 100);
                pair.freeze(Direction.TO_CLIENT);
                pair.freeze(Direction.TO_SERVER);
            }
            lost.lose();
            reset.reset(ErrorCode.CANCEL);
            for (DuplexConnection side : List.of(lost.client(), lost.server())) {
                assertThat(end(side).failure()).isInstanceOf(ConnectionLostException.class);
            }
            requireReset(reset.client(), Origin.PEER, ErrorCode.CANCEL);
            requireReset(reset.server(), Origin.PEER, ErrorCode.CANCEL);
        }
    }

    @Test
    void aBreakWakesAWriterThatWaits() throws Exception {
        try (FaultyPair pair = FaultyPair.builder()
                .window(100)
                .options(ConnectionOptions.defaults().sendBufferBytes(100))
                .toServer(PERFECT.loseAt(150))
                .connect()) {
            var writing = pair.client().writeAsync(ByteBuffer.allocate(10_000));
            assertThat(writing).isNotDone();
            assertThat(pair.server().input().readNBytes(150)).hasSize(150);
            assertThat(writing)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ConnectionLostException.class);
        }
    }

    private static FaultyPair pair(NetworkConditions toServer, NetworkConditions toClient) {
        return FaultyPair.builder().toServer(toServer).toClient(toClient).connect();
    }

    private static int readUntilFailure(DuplexConnection connection) {
        int[] count = new int[1];
        assertThatThrownBy(() -> Numbered.readToEnd(connection, count)).isInstanceOf(IOException.class);
        return count[0];
    }

    private static CloseReason end(DuplexConnection connection) throws Exception {
        return connection.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static void requireReset(DuplexConnection connection, Origin origin, ErrorCode code) throws Exception {
        CloseReason reason = end(connection);
        assertThat(reason.origin()).isEqualTo(origin);
        assertThat(reason.code()).isEqualTo(code);
        assertThat(reason.failure()).isInstanceOf(ConnectionResetException.class);
    }
}
