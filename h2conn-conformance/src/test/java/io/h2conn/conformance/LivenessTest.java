package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that are gone without a word are found, and quiet ones are left alone. */
class LivenessTest {
    private static final Duration HEARTBEAT = Duration.ofMillis(100);
    private static final Duration NONE = Duration.ZERO;
    /** Connections whose windows together are more than the buffers of the TCP connections hold. */
    private static final int MANY = 40;

    private static final int PING = 6;
    private static final int ACK = 1;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    record Way(boolean tls, boolean serverIsNear) {}

    static Stream<Way> ways() {
        return Stream.of(true, false).flatMap(tls -> Stream.of(new Way(tls, true), new Way(tls, false)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSilentNetworkIsFoundByBothSidesThoughNobodyReadsOrWrites(boolean tls) throws Exception {
        try (Link link = Link.watching(leaks, tls, TcpRelay.Tap.NONE, HEARTBEAT, NONE)) {
            Connector.Ends ends = link.connect(false);
            link.relay().stall(true);
            link.relay().stall(false);
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                CloseReason reason = Await.result(end.closed());
                assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
                assertThat(reason.failure())
                        .isInstanceOfSatisfying(
                                ConnectionLostException.class,
                                e -> assertThat(e.getMessage())
                                        .contains("nothing has arrived from the peer")
                                        .contains("an answer to 2 heartbeats"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSilentNetworkWakesWhoeverWaits(Way way) throws Exception {
        try (Link link = Link.watching(leaks, way.tls, TcpRelay.Tap.NONE, HEARTBEAT, NONE)) {
            Connector.Ends ends = link.connect(way.serverIsNear);
            Task<Integer> reading =
                    Task.start(() -> ends.near().read(ByteBuffer.allocate(8))).awaitBlocked();
            link.relay().stall(true);
            link.relay().stall(false);
            Task<Boolean> writing = Task.run(() -> {
                while (true) {
                    ends.near().write(ByteBuffer.allocate(100_000));
                }
            });
            assertThat(reading.failure()).isInstanceOf(ConnectionLostException.class);
            assertThat(writing.failure()).isInstanceOf(ConnectionLostException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aPeerThatNoLongerTakesAnythingIsFoundThoughItSends(Way way) throws Exception {
        try (Link link = Link.watching(leaks, way.tls, TcpRelay.Tap.NONE, NONE, HEARTBEAT)) {
            Connector.Ends ends = link.connect(way.serverIsNear);
            List<Connector.Ends> others = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                others.add(link.connect(way.serverIsNear));
            }
            link.relay().stall(!way.serverIsNear);
            Task<Boolean> sending = Task.run(() -> {
                while (true) {
                    ends.far().write(Bytes.of("the far end goes on to send"));
                }
            });
            Task<byte[]> reading = Task.start(() -> Bytes.readToEnd(ends.near()));
            List<CompletableFuture<?>> floods = new ArrayList<>();
            for (Connector.Ends other : others) {
                floods.add(other.near().writeAsync(ByteBuffer.allocate(4 * 1024 * 1024)));
            }
            CloseReason reason = Await.result(ends.near().closed());
            assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
            assertThat(reason.failure())
                    .isInstanceOfSatisfying(
                            ConnectionLostException.class,
                            e -> assertThat(e.getMessage()).contains("has taken nothing from the TCP connection"));
            for (CompletableFuture<?> flood : floods) {
                assertThat(Await.failure(flood)).isInstanceOf(ConnectionLostException.class);
            }
            link.relay().breakAll(true);
            sending.failure();
            reading.failure();
        }
    }

    @Test
    void heartbeatsKeepAQuietConnectionAndSayHowFarAwayThePeerIs() throws Exception {
        FrameLog frames = new FrameLog();
        try (Link link = Link.watching(leaks, false, frames, Duration.ofMillis(20), NONE)) {
            Connector.Ends ends = link.connect(false);
            for (boolean client : new boolean[] {true, false}) {
                Await.until(
                        () -> frames.where(f -> f.fromClient() == client && f.type() == PING && f.flags() == ACK)
                                        .size()
                                > 5,
                        "heartbeats are answered");
            }
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                assertThat(end.isOpen()).isTrue();
                assertThat(end.info().roundTripTime()).isPositive().isLessThan(Await.LIMIT);
            }
            ends.near().write(Bytes.of("still here"));
            assertThat(Bytes.readText(ends.far(), 10)).isEqualTo("still here");
            assertThat(link.relay().accepted()).isEqualTo(1);
        }
    }

    @Test
    void aSessionWithoutConnectionsHasNoHeartbeats() throws Exception {
        FrameLog frames = new FrameLog();
        try (Link link = Link.watching(leaks, false, frames, Duration.ofMillis(10), NONE)) {
            Connector.Ends ends = link.connect(false);
            Await.until(() -> !frames.ofType(PING).isEmpty(), "there are heartbeats");
            ends.near().close();
            ends.far().close();
            Await.result(ends.near().closed());
            Await.result(ends.far().closed());
            link.relay().awaitQuiet(); // which it could not become
            int seen = frames.ofType(PING).size();
            Await.never(() -> frames.ofType(PING).size() > seen, "a heartbeat without a connection");
            Connector.Ends next = link.connect(false);
            Await.until(() -> frames.ofType(PING).size() > seen, "there are heartbeats again");
            next.near().abort();
        }
    }
}
