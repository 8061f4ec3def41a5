package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.conformance.LeakCheck;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A frozen direction: nothing arrives and nobody is told, everything of one's own still works, and it goes on after. */
class FreezeTest {
    private static final Duration SHORT = Duration.ofMillis(30);
    private static final int WINDOW = 500;
    private static final int SEND_BUFFER = 1_000;
    private static final ConnectionOptions OPTIONS = ConnectionOptions.defaults()
            .gatherWrites(false)
            .sendBufferBytes(SEND_BUFFER)
            .closeTimeout(Duration.ofMillis(100));

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @Test
    void nothingArrivesUntilItThaws() throws Exception {
        try (FaultyPair pair = pair()) {
            pair.freeze(Direction.TO_SERVER);
            pair.freeze(Direction.TO_SERVER);
            Numbered.write(pair.client(), 100);
            pair.client().closeOutput();
            requireSilence(pair.server());
            pair.server().write(ByteBuffer.allocate(1));
            assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(1);

            pair.thaw(Direction.TO_SERVER);
            pair.thaw(Direction.TO_SERVER);
            assertThat(Numbered.readToEnd(pair.server())).isEqualTo(100);
        }
    }

    @Test
    void writesBlockWhenTheWindowAndTheSendBufferAreFull() throws Exception {
        try (FaultyPair pair = pair()) {
            pair.freeze(Direction.TO_SERVER);
            ByteBuffer bytes = ByteBuffer.wrap(Numbered.bytes(10_000));
            pair.client().setWriteTimeout(SHORT);
            assertThatThrownBy(() -> pair.client().write(bytes)).isInstanceOf(ConnectionTimeoutException.class);
            assertThat(bytes.position()).isBetween(SEND_BUFFER, SEND_BUFFER + WINDOW);

            pair.thaw(Direction.TO_SERVER);
            pair.client().closeOutput();
            assertThat(Numbered.readToEnd(pair.server())).isEqualTo(bytes.position());
        }
    }

    @Test
    void theOtherDirectionStopsWhenItsWindowIsUsedUp() throws Exception {
        try (FaultyPair pair = pair()) {
            pair.freeze(Direction.TO_CLIENT);
            pair.client().setWriteTimeout(SHORT);
            Numbered.write(pair.client(), WINDOW);
            Numbered.read(pair.server(), WINDOW);
            // All of it was read, but the credit for more is stuck.
            assertThatThrownBy(() -> pair.client().write(ByteBuffer.allocate(2 * SEND_BUFFER)))
                    .isInstanceOf(ConnectionTimeoutException.class);
            requireSilence(pair.server());
            pair.thaw(Direction.TO_CLIENT);
            assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void aDirectionFreezesAtExactlyAByte() throws Exception {
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(NetworkConditions.perfect().freezeAt(70))
                .connect()) {
            Numbered.write(pair.client(), 100);
            pair.client().closeOutput();
            Numbered.read(pair.server(), 70);
            requireSilence(pair.server());
            pair.thaw(Direction.TO_SERVER);
            assertThat(pair.server().input().readAllBytes()).hasSize(30);
        }
    }

    @Test
    void theTimeThatItWasFrozenForDoesNotCount() throws Exception {
        Duration latency = Duration.ofMillis(60);
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(NetworkConditions.perfect().latency(latency).freezeAt(0))
                .connect()) {
            Numbered.write(pair.client(), 1);
            requireSilence(pair.server());
            long thawed = System.nanoTime();
            pair.thaw(Direction.TO_SERVER);
            Numbered.read(pair.server(), 1);
            assertThat(Duration.ofNanos(System.nanoTime() - thawed)).isGreaterThanOrEqualTo(latency);
        }
    }

    @Test
    void anAbortEndsOneSideAtOnceAndTheOtherAfterTheThaw() throws Exception {
        try (FaultyPair pair = pair()) {
            pair.freeze(Direction.TO_SERVER);
            pair.client().setWriteTimeout(SHORT);
            assertThatThrownBy(() -> pair.client().write(ByteBuffer.allocate(10_000)))
                    .isInstanceOf(ConnectionTimeoutException.class);
            pair.client().abort(ErrorCode.CANCEL);
            assertThat(pair.client().closed().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
            requireSilence(pair.server());

            pair.thaw(Direction.TO_SERVER);
            var reason = pair.server().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(reason.origin()).isEqualTo(Origin.PEER);
            assertThat(reason.code()).isEqualTo(ErrorCode.CANCEL);
        }
    }

    @Test
    void aCloseThatCannotSendEndsAtItsTimeout() throws Exception {
        try (FaultyPair pair = pair()) {
            pair.freeze(Direction.TO_SERVER);
            Numbered.write(pair.client(), SEND_BUFFER);
            assertThatThrownBy(pair.client()::close).isInstanceOf(ConnectionTimeoutException.class);
            assertThat(pair.client().closed().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void aCloseThatCanSendReturnsAndLingersNoLongerThanItsTimeout() throws Exception {
        try (FaultyPair pair = pair()) {
            pair.freeze(Direction.TO_SERVER);
            Numbered.write(pair.client(), 10);
            pair.client().close(); // the bytes and the end are on their way
            var reason = pair.client().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(reason.code()).isEqualTo(ErrorCode.CANCEL);
            pair.thaw(Direction.TO_SERVER);
            assertThat(Numbered.readToEnd(pair.server())).isEqualTo(10);
        }
    }

    private static FaultyPair pair() {
        return FaultyPair.builder().options(OPTIONS).window(WINDOW).connect();
    }

    /** Nothing arrives for a while; what is not held back would be there within microseconds. */
    private static void requireSilence(DuplexConnection connection) {
        connection.setReadTimeout(SHORT);
        assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ConnectionTimeoutException.class);
        connection.setReadTimeout(Duration.ZERO);
    }
}
