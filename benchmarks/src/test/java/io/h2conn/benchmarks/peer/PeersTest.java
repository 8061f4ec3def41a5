package io.h2conn.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each peer does each workload: for a moment, so that no figure means anything. */
@Timeout(60)
class PeersTest {
    private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(20);

    /** The ones of all peers that cannot call back. */
    private static final String SOCKETS = "sockets";

    @BeforeAll
    static void makeIdentity(@TempDir Path directory) throws Exception {
        IdentityFiles.create(directory);
        System.setProperty(Identity.PROPERTY, directory.toString());
    }

    @AfterAll
    static void forgetIdentity() {
        System.clearProperty(Identity.PROPERTY);
    }

    static Stream<Arguments> peers() {
        return Peers.ALL.stream()
                .flatMap(peer -> Stream.of(Security.values()).map(security -> Arguments.of(peer.name(), security)));
    }

    private interface Use {
        void of(PeerServer server, PeerClient client) throws Exception;
    }

    private static void with(String peer, Security security, Use use) throws Exception {
        try (PeerServer server = Peers.named(peer).serve(security);
                PeerClient client = Peers.named(peer).client(server.port(), security)) {
            use.of(server, client);
        }
    }

    @ParameterizedTest
    @MethodSource("peers")
    void aThreadForEachConnectionWaitsForEchoes(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            for (Layout layout : new Layout[] {new Layout(1, 1), new Layout(4, 1), new Layout(4, 4)}) {
                assertExchanges(client.pingPong(layout, Waiting.THREAD, MOMENT));
                assertExchanges(client.pingPong(layout, Waiting.THREAD, MOMENT));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("peers")
    void callbacksAnswerEchoes(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            if (peer.equals(SOCKETS)) {
                assertThatThrownBy(() -> client.pingPong(new Layout(1, 1), Waiting.CALLBACK, MOMENT))
                        .isInstanceOf(UnsupportedOperationException.class);
                return;
            }
            for (Layout layout : new Layout[] {new Layout(1, 1), new Layout(4, 2)}) {
                assertExchanges(client.pingPong(layout, Waiting.CALLBACK, MOMENT));
                assertExchanges(client.pingPong(layout, Waiting.CALLBACK, MOMENT));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("peers")
    void bytesGoInEachDirection(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            for (Direction direction : Direction.values()) {
                assertDone(client.bulk(direction, MOMENT));
                assertDone(client.bulk(direction, MOMENT));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("peers")
    void messagesGoAsFastAsPossible(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            for (int bytes : new int[] {Messages.HEADER, Messages.SMALL, 1024 * 1024}) {
                assertDone(client.messages(bytes, 0, MOMENT));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("peers")
    void messagesWithAGapTellHowLongTheyTook(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            Outcome outcome = client.messages(Messages.SMALL, TimeUnit.MICROSECONDS.toNanos(100), MOMENT);

            assertExchanges(outcome);
            assertThat(outcome.operations()).isLessThanOrEqualTo(MOMENT / TimeUnit.MICROSECONDS.toNanos(100));
        });
    }

    @ParameterizedTest
    @MethodSource("peers")
    void everyReceiverGetsEveryMessageOfTheFeed(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            for (Layout layout : new Layout[] {new Layout(6, 2), new Layout(20, 1)}) {
                assertThat(client.open(layout).operations()).isEqualTo(layout.connections());
                awaitReceivers(server, layout.connections());
                for (long n = 0; n < 3; n++) {
                    server.broadcast(n);
                    assertThat(client.receive(n).operations()).isEqualTo(layout.connections());
                }
                server.broadcast(3);
                server.broadcast(4);
                assertThat(client.receive(4).operations()).isEqualTo(layout.connections());
                client.release();
                awaitReceivers(server, 0);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("peers")
    void connectionsAreOpenedForOneMessageEach(String peer, Security security) throws Exception {
        with(peer, security, (server, client) -> {
            assertDone(client.openAndClose(1, MOMENT));
            assertDone(client.openAndClose(4, MOMENT));
        });
    }

    private static void awaitReceivers(PeerServer server, int receivers) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (server.receivers() != receivers && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(server.receivers()).isEqualTo(receivers);
    }

    private static void assertDone(Outcome outcome) {
        assertThat(outcome.operations()).isPositive();
        assertThat(outcome.nanos()).isPositive();
    }

    private static void assertExchanges(Outcome outcome) {
        assertDone(outcome);
        assertThat(outcome.latencies()).isNotNull();
        assertThat(outcome.latencies().getTotalCount()).isEqualTo(outcome.operations());
    }
}
