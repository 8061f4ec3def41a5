package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The TCP connection breaks under the connections on it: a typed loss, and never an end. */
class BrokenTcpTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** How a TCP connection breaks, and who is near. */
    record Way(boolean tls, boolean serverIsNear, boolean reset) {
        @Override
        public String toString() {
            return (tls ? "TLS" : "h2c") + ", the " + (serverIsNear ? "server" : "client") + " is near, TCP "
                    + (reset ? "resets" : "ends");
        }
    }

    static List<Way> ways() {
        return Stream.of(false, true)
                .flatMap(tls -> Stream.of(false, true)
                        .flatMap(server -> Stream.of(false, true).map(reset -> new Way(tls, server, reset))))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aBreakUnderASlowReaderIsALossAndNeverAnEnd(Way way) throws Exception {
        try (Link link = Link.of(leaks, way.tls)) {
            Connector.Ends ends = link.connect(way.serverIsNear);
            Flood flood = Flood.into(ends.far());
            Bytes.readPattern(ends.near(), 0, 1000);
            flood.awaitStalled();
            link.relay().breakAll(way.reset);

            assertThatThrownBy(() -> Bytes.readPatternToEnd(ends.near(), 1000))
                    .isInstanceOfSatisfying(ConnectionLostException.class, BrokenTcpTest::requireNetwork);
            assertThat(flood.failure())
                    .isInstanceOfSatisfying(ConnectionLostException.class, BrokenTcpTest::requireNetwork);
            assertThat(Await.result(ends.far().closed()).bytesNotDelivered()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatArrivedBeforeTheEndSurvivesTheBreak(Way way) throws Exception {
        try (Link link = Link.of(leaks, way.tls)) {
            Connector.Ends ends = link.connect(way.serverIsNear);
            ends.far().write(Bytes.pattern(0, 100_000));
            ends.far().closeOutput();
            ends.far().flush();
            link.relay().awaitQuiet();
            link.relay().breakAll(way.reset);

            CloseReason reason = Await.result(ends.near().closed());
            assertThat(reason.failure()).isInstanceOf(ConnectionLostException.class);
            assertThat(reason.bytesReceived()).isEqualTo(100_000);
            assertThat(Bytes.readPatternToEnd(ends.near(), 0)).isEqualTo(100_000);
            assertThat(ends.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThatThrownBy(() -> ends.near().write(Bytes.of("x")))
                    .isInstanceOfSatisfying(ConnectionLostException.class, BrokenTcpTest::requireNetwork);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aBreakWakesWhoeverWaits(Way way) throws Exception {
        try (Link link = Link.of(leaks, way.tls)) {
            Connector.Ends ends = link.connect(way.serverIsNear);
            Task<Integer> reading =
                    Task.start(() -> ends.near().read(ByteBuffer.allocate(8))).awaitBlocked();
            var async = ends.near().readAsync();
            var heard = ends.far().listen(data -> null);
            Flood flood = Flood.into(ends.near());
            Await.until(() -> flood.accepted() > 0, "the flood runs");
            link.relay().breakAll(way.reset);

            for (Throwable end :
                    List.of(reading.failure(), Await.failure(async), Await.failure(heard), flood.failure())) {
                assertThat(end).isInstanceOfSatisfying(ConnectionLostException.class, BrokenTcpTest::requireNetwork);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aBreakIsReportedThoughNobodyReadsOrWrites(Way way) throws Exception {
        try (Link link = Link.of(leaks, way.tls)) {
            Connector.Ends ends = link.connect(way.serverIsNear);
            link.relay().breakAll(way.reset);
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                CloseReason reason = Await.result(end.closed());
                assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
                assertThat(reason.failure()).isInstanceOf(ConnectionLostException.class);
                assertThat(end.isOpen()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aBreakFailsEveryConnectionAndTheNextOneGetsANewSession(Way way) throws Exception {
        try (Link link = Link.of(leaks, way.tls)) {
            Connector.Ends first = link.connect(way.serverIsNear);
            Connector.Ends second = link.connect(way.serverIsNear);
            assertThat(link.relay().accepted()).isEqualTo(1);
            link.relay().breakAll(way.reset);
            for (Connector.Ends broken : List.of(first, second)) {
                // Both ends: a client that does not know yet would use the session once more.
                Await.result(broken.near().closed());
                Await.result(broken.far().closed());
            }

            Connector.Ends third = link.connect(way.serverIsNear);
            third.near().write(Bytes.of("again"));
            assertThat(Bytes.readText(third.far(), 5)).isEqualTo("again");
            assertThat(link.relay().accepted()).isEqualTo(2);
        }
    }

    @Test
    void aServerThatStopsIsALossToItsClients() throws Exception {
        Connector.Ends ends;
        try (Link link = Link.of(leaks, false)) {
            ends = link.connect(false);
            Flood flood = Flood.into(ends.far()).awaitStalled();
            link.server().close();
            assertThatThrownBy(() -> Bytes.readPatternToEnd(ends.near(), 0)).isInstanceOf(ConnectionFailure.class);
            assertThat(flood.failure()).isInstanceOf(ConnectionFailure.class);
        }
    }

    private static void requireNetwork(ConnectionLostException e) {
        assertThat(e.origin()).as(e.getMessage()).isEqualTo(Origin.NETWORK);
        assertThat(e.getMessage()).isNotEmpty();
    }
}
