package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bounds that a connection's options can set, over HTTP/2 and in memory. */
class BoundsTest {
    private static final ConnectionOptions DEFAULTS = ConnectionOptions.defaults();
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(30);

    /** More than the first window of a connection over HTTP/2, and so little more that the send buffer takes the rest. */
    private static final int OVER_THE_WINDOW = 512 * 1024 + 1000;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    enum Carrier {
        MEMORY,
        HTTP2_CLIENT,
        HTTP2_SERVER
    }

    @FunctionalInterface
    private interface Scenario {
        void run(Connector.Ends ends) throws Exception;
    }

    private void with(Carrier carrier, ConnectionOptions options, Scenario scenario) throws Exception {
        if (carrier == Carrier.MEMORY) {
            DuplexConnection.Pair pair = DuplexConnection.pair(512 * 1024, options);
            scenario.run(new Connector.Ends(leaks.track(pair.client()), leaks.track(pair.server())));
            return;
        }
        try (Link link = Link.of(leaks, false)) {
            scenario.run(link.connect(carrier == Carrier.HTTP2_SERVER, options));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatGivesNoWindowIsGivenUpThoughNobodyIsInACall(Carrier carrier) throws Exception {
        with(carrier, DEFAULTS.stallTimeout(SHORT), ends -> {
            ends.near().write(ByteBuffer.allocate(OVER_THE_WINDOW));

            CloseReason reason = Await.result(ends.near().closed());
            assertThat(reason.origin()).isEqualTo(Origin.LOCAL);
            assertThat(reason.failure()).isInstanceOf(ConnectionTimeoutException.class);
            assertThat(reason.failure().getMessage())
                    .contains("stallTimeout of 100 ms")
                    .contains("its window for this stream is empty");
            assertThat(reason.bytesNotDelivered()).isPositive();
            assertThat(ends.near().isOpen()).isFalse();
            assertThat(Await.result(ends.far().closed()).code()).isEqualTo(ErrorCode.CANCEL);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsToWriteIsToldOfTheStall(Carrier carrier) throws Exception {
        with(carrier, DEFAULTS.stallTimeout(SHORT), ends -> {
            Task<Integer> writing = Task.start(() -> ends.near().write(ByteBuffer.allocate(2 * OVER_THE_WINDOW)));

            assertThat(writing.failure())
                    .isInstanceOf(ConnectionTimeoutException.class)
                    .hasMessageContaining("stallTimeout");
        });
    }

    @Test
    void aPeerThatTakesAByteNowAndThenIsNeitherStalledNorIdle() throws Exception {
        Duration limit = Duration.ofSeconds(1);
        DuplexConnection.Pair pair =
                DuplexConnection.pair(1, DEFAULTS.stallTimeout(limit).idleTimeout(limit));
        pair.client().write(ByteBuffer.allocate(100_000));
        ByteBuffer one = ByteBuffer.allocate(1);
        long end = System.nanoTime() + limit.multipliedBy(2).toNanos();
        while (System.nanoTime() < end) {
            pair.server().read(one.clear());
            Thread.sleep(10); // the peer is slow, which is what this is about
        }
        assertThat(pair.client().isOpen()).isTrue();
        assertThat(pair.server().isOpen()).isTrue();
        pair.client().abort();
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionWithoutTrafficEnds(Carrier carrier) throws Exception {
        with(carrier, DEFAULTS.idleTimeout(SHORT), ends -> {
            Task<Integer> reading = Task.start(() -> ends.near().read(ByteBuffer.allocate(1)));

            List<CloseReason> reasons = List.of(
                    Await.result(ends.near().closed()), Await.result(ends.far().closed()));
            // Both ends have the limit; one of them is first, and its reset may reach the other before that one's own
            // look.
            assertThat(reasons).anySatisfy(reason -> {
                assertThat(reason.failure()).isInstanceOf(ConnectionTimeoutException.class);
                assertThat(reason.failure().getMessage()).contains("idleTimeout of 100 ms");
            });
            assertThat(reasons)
                    .allSatisfy(reason -> assertThat(reason.failure())
                            .isInstanceOfAny(ConnectionTimeoutException.class, ConnectionResetException.class));
            assertThat(reading.failure())
                    .isInstanceOfAny(ConnectionTimeoutException.class, ConnectionResetException.class);
        });
    }

    @ParameterizedTest
    @EnumSource
    void anOldConnectionIsToldAndEndsInOrderIfItIsClosedThen(Carrier carrier) throws Exception {
        with(carrier, DEFAULTS.maxLifetime(SHORT).closeTimeout(LONG), ends -> {
            Await.result(ends.near().draining());
            assertThat(ends.near().isDraining()).isTrue();
            assertThat(ends.near().isOpen()).isTrue();

            ends.near().write(Bytes.of("bye"));
            ends.near().close();
            assertThat(Bytes.readText(ends.far(), 3)).isEqualTo("bye");
            ends.far().close();
            assertThat(Await.result(ends.near().closed()).isOrderly()).isTrue();
            assertThat(Await.result(ends.far().closed()).isOrderly()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    void anOldConnectionThatIsNotClosedIsEnded(Carrier carrier) throws Exception {
        with(carrier, DEFAULTS.maxLifetime(SHORT).closeTimeout(SHORT), ends -> {
            List<CloseReason> reasons = List.of(
                    Await.result(ends.near().closed()), Await.result(ends.far().closed()));

            assertThat(reasons)
                    .anySatisfy(reason -> assertThat(reason.failure())
                            .isInstanceOfSatisfying(
                                    ConnectionTimeoutException.class,
                                    e -> assertThat(e.getMessage())
                                            .contains("maxLifetime of 100 ms")
                                            .contains("closeTimeout of 100 ms")));
            assertThat(ends.near().isDraining() || ends.far().isDraining()).isTrue();
        });
    }

    @Test
    void aConnectionThatHasEndedIsNotHeldByItsBounds() throws Exception {
        WeakReference<DuplexConnection> ended = endedLongBeforeItsBounds();
        Await.until(
                () -> {
                    System.gc();
                    return ended.get() == null;
                },
                "nothing holds the connection");
    }

    private static WeakReference<DuplexConnection> endedLongBeforeItsBounds() {
        Duration day = Duration.ofDays(1);
        DuplexConnection.Pair pair = DuplexConnection.pair(
                1, DEFAULTS.stallTimeout(day).idleTimeout(day).maxLifetime(day));
        pair.client().abort();
        return new WeakReference<>(pair.client());
    }
}
