package io.h2conn.internal;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one connection does to the thread that sends for all that gather. */
@Timeout(60)
class GathererTest {
    @Test
    void aTransportThatThrowsLeavesTheOthersTheirGatherer() throws IOException {
        Wire broken = new Wire(true);
        burstUntilTheGathererSends(broken);
        Wire sound = new Wire(false);
        burstUntilTheGathererSends(sound);

        assertThat(sound.sentByGatherer).isTrue();
    }

    private static void burstUntilTheGathererSends(Wire wire) throws IOException {
        Engine engine = new Engine(wire, ConnectionOptions.defaults(), Engine.Role.CLIENT, "burst", 1);
        wire.engine = engine;
        engine.start(1000, 1000);
        engine.setWriteTimeout(Duration.ofSeconds(10));
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (!wire.sentByGatherer) {
            assertThat(System.nanoTime()).as("time without the gatherer").isLessThan(deadline);
            for (int i = 0; i < 20 && !wire.sentByGatherer; i++) {
                try {
                    engine.write(ByteBuffer.wrap(new byte[1]));
                } catch (ConnectionLostException e) {
                    assertThat(wire.throwing).isTrue();
                }
            }
            Thread.onSpinWait();
        }
    }

    /** Answers at once, or throws when it is the gatherer that sends. */
    private static final class Wire implements Transport {
        private final boolean throwing;
        private @Nullable Engine engine;
        private volatile boolean sentByGatherer;

        Wire(boolean throwing) {
            this.throwing = throwing;
        }

        @Override
        public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
            if (Thread.currentThread().getName().startsWith(Threads.PREFIX + "gatherer")) {
                sentByGatherer = true;
                if (throwing) {
                    throw new IllegalStateException("on purpose");
                }
            }
            data.position(data.limit());
            if (engine != null) {
                engine.onSent();
            }
        }

        @Override
        public void consumed(int bytes) {
            throw new AssertionError("nothing is received here");
        }

        @Override
        public void reset(ErrorCode code) {
            // Nobody is there.
        }

        @Override
        public void ended() {
            // Nothing is held.
        }

        @Override
        public ConnectionInfo info() {
            throw new AssertionError("not asked for here");
        }
    }
}
