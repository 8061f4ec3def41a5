package io.h2conn.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which connections share a session, and what becomes of sessions. */
@ExtendWith(NoLeaks.class)
class SessionPoolTest {
    private static final int MAX_CONCURRENT_STREAMS = 3;

    private static void echoes(DuplexConnection connection) throws Exception {
        connection.output().write("hello".getBytes(UTF_8));
        assertThat(connection.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
    }

    /** Answers every request with 200 and leaves it open. */
    private static void answerAll(RawPeer.Wire wire) throws Exception {
        while (true) {
            int stream = wire.await(RawPeer.HEADERS).stream();
            wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
        }
    }

    @Test
    void connectionsToOneOriginShareATcpConnection() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            List<CompletableFuture<DuplexConnection>> connects = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                connects.add(client.connectAsync(ConnectRequest.to(server.uri("/echo"))));
            }
            for (CompletableFuture<DuplexConnection> connect : connects) {
                echoes(connect.get(5, TimeUnit.SECONDS));
            }

            assertThat(server.tcpConnections).hasValue(1);
        }
    }

    @Test
    void anotherSessionIsOpenedWhenOneIsFull() throws Exception {
        try (JettyPeer server = JettyPeer.clear("127.0.0.1", 2);
                DuplexClient client = DuplexClient.create()) {
            List<DuplexConnection> connections = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                connections.add(client.connect(server.uri("/echo")));
            }
            for (DuplexConnection connection : connections) {
                echoes(connection);
            }

            assertThat(server.tcpConnections).hasValue(3);
        }
    }

    @Test
    void manyAtOnceOpenAsManySessionsAsTheyNeed() throws Exception {
        try (JettyPeer server = JettyPeer.clear("127.0.0.1", 10);
                DuplexClient client = DuplexClient.create()) {
            List<CompletableFuture<DuplexConnection>> connects = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                connects.add(client.connectAsync(ConnectRequest.to(server.uri("/echo"))));
            }
            for (CompletableFuture<DuplexConnection> connect : connects) {
                echoes(connect.get(5, TimeUnit.SECONDS));
            }

            assertThat(server.tcpConnections).hasValue(6);
        }
    }

    @Test
    void theClientsOwnLimitCountsToo() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client =
                        DuplexClient.builder().maxConnectionsPerSession(1).build()) {
            echoes(client.connect(server.uri("/echo")));
            echoes(client.connect(server.uri("/echo")));

            assertThat(server.tcpConnections).hasValue(2);
        }
    }

    @Test
    void aPlaceIsWaitedForWhenAllSessionsAreFull() throws Exception {
        try (JettyPeer server = JettyPeer.clear("127.0.0.1", 1);
                DuplexClient client =
                        DuplexClient.builder().maxSessionsPerOrigin(1).build()) {
            DuplexConnection first = client.connect(server.uri("/echo"));
            CompletableFuture<DuplexConnection> second = client.connectAsync(ConnectRequest.to(server.uri("/echo")));
            CompletableFuture<DuplexConnection> third = client.connectAsync(ConnectRequest.to(server.uri("/echo")));
            echoes(first);
            assertThat(second).isNotDone();

            first.close();
            echoes(second.get(5, TimeUnit.SECONDS));
            assertThat(third).isNotDone();
            second.join().abort();
            echoes(third.get(5, TimeUnit.SECONDS));

            assertThat(server.tcpConnections).hasValue(1);
        }
    }

    @Test
    void aPlaceThatDoesNotComeFreeIsATimeoutThatNamesTheLimit() throws Exception {
        try (JettyPeer server = JettyPeer.clear("127.0.0.1", 1);
                DuplexClient client =
                        DuplexClient.builder().maxSessionsPerOrigin(2).build()) {
            echoes(client.connect(server.uri("/echo")));
            echoes(client.connect(server.uri("/echo")));
            ConnectRequest third = ConnectRequest.to(server.uri("/echo")).timeout(Duration.ofMillis(300));

            assertThatThrownBy(() -> client.connect(third))
                    .isInstanceOf(ConnectionTimeoutException.class)
                    .hasMessageContaining(server.uri("/echo"))
                    .hasMessageContaining("maxSessionsPerOrigin")
                    .hasMessageContaining("all 2 sessions");
            assertThatThrownBy(() -> client.open(third).read(ByteBuffer.allocate(1)))
                    .isInstanceOf(ConnectionTimeoutException.class)
                    .hasMessageContaining("maxSessionsPerOrigin");
        }
    }

    @Test
    void aLimitThatTheServerLowersIsKept() throws Exception {
        CountDownLatch lowered = new CountDownLatch(1);
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake(MAX_CONCURRENT_STREAMS, 10);
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.sendSettings(MAX_CONCURRENT_STREAMS, 1);
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
                    lowered.countDown();
                    answerAll(wire);
                });
                DuplexClient client = DuplexClient.create()) {
            client.connect(server.uri("/"));
            assertThat(lowered.await(5, TimeUnit.SECONDS)).isTrue();
            client.connect(server.uri("/"));

            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    @Test
    void aSessionThatTheServerDrainsTakesNoNewConnectionsAndKeepsTheOldOnes() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create();
                DuplexConnection old = client.connect(server.uri("/echo"))) {
            server.sessions().get(0).close(0, "maintenance", Callback.NOOP);
            echoes(old);

            try (DuplexConnection later = client.connect(server.uri("/echo"))) {
                echoes(later);
                echoes(old);
                assertThat(server.tcpConnections).hasValue(2);
            }
        }
    }

    @Test
    void drainedSessionsDoNotCount() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client =
                        DuplexClient.builder().maxSessionsPerOrigin(1).build()) {
            List<DuplexConnection> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                DuplexConnection connection = client.connect(server.uri("/echo"));
                echoes(connection);
                all.add(connection);
                server.drain();
                echoes(connection);
            }
            for (DuplexConnection connection : all) {
                echoes(connection);
            }
            assertThat(server.tcpConnections).hasValue(3);
        }
    }

    @Test
    void aDrainedSessionEndsWithItsLastConnection() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            DuplexConnection last = client.connect(server.uri("/echo"));
            server.drain();
            echoes(last);
            last.close();

            NoLeaks.eventually("the TCP connection is closed", () -> server.openTcpConnections() == 0);
        }
    }

    @Test
    void aSessionThatIsLostLeavesThePool() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            for (int i = 0; i < 20; i++) {
                DuplexConnection connection = client.connect(server.uri("/echo"));
                echoes(connection);
                server.sessions().forEach(session -> session.disconnect());
                assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
                        .isInstanceOf(ConnectionLostException.class);
            }
            assertThat(server.tcpConnections).hasValue(20);
        }
    }

    @Test
    void aRequestAboveTheLastStreamOfAGoAwayIsSentAgain() throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        try (RawPeer server = new RawPeer(wire -> {
                    boolean first = sessions.incrementAndGet() == 1;
                    wire.handshake();
                    if (first) {
                        wire.await(RawPeer.HEADERS);
                        wire.goAway(0, 0);
                        wire.awaitEnd();
                    } else {
                        answerAll(wire);
                    }
                });
                DuplexClient client = DuplexClient.create()) {
            DuplexConnection connection = client.connect(server.uri("/"));

            assertThat(connection.info().status()).isEqualTo(200);
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    @Test
    void aRequestThatIsRefusedUnprocessedIsSentAgainOnAnotherSession() throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        try (RawPeer server = new RawPeer(wire -> {
                    boolean refuses = sessions.incrementAndGet() <= 2;
                    wire.handshake();
                    if (refuses) {
                        wire.sendCode(RawPeer.RST_STREAM, wire.await(RawPeer.HEADERS).stream(), 7);
                        wire.awaitEnd();
                    } else {
                        answerAll(wire);
                    }
                });
                DuplexClient client = DuplexClient.create()) {
            DuplexConnection connection = client.connect(server.uri("/"));

            assertThat(connection.info().status()).isEqualTo(200);
            assertThat(server.accepted()).isEqualTo(3);
        }
    }

    @Test
    void aRequestThatIsAlwaysRefusedFailsAfterTwoRetries() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    while (true) {
                        wire.sendCode(RawPeer.RST_STREAM, wire.await(RawPeer.HEADERS).stream(), 7);
                    }
                });
                DuplexClient client = DuplexClient.create();
                DuplexClient single =
                        DuplexClient.builder().maxSessionsPerOrigin(1).build()) {
            for (DuplexClient each : List.of(client, single)) {
                assertThatThrownBy(() -> each.connect(server.uri("/")))
                        .isInstanceOfSatisfying(ConnectionResetException.class, e -> {
                            assertThat(e.errorCode()).isEqualTo(ErrorCode.REFUSED_STREAM);
                            assertThat(e.retrySafe()).isTrue();
                        });
            }
        }
    }

    @Test
    void whatWasOpenedWithoutWaitingIsNotSentAgainButSaysThatItCanBe() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    wire.sendCode(RawPeer.RST_STREAM, wire.await(RawPeer.HEADERS).stream(), 7);
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.create()) {
            assertThatThrownBy(() ->
                            client.open(ConnectRequest.to(server.uri("/"))).read(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            ConnectionResetException.class,
                            e -> assertThat(e.retrySafe()).isTrue());
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void aSessionWithoutConnectionsIsClosedAfterAWhile() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.builder()
                        .idleTimeout(Duration.ofMillis(200))
                        .build()) {
            DuplexConnection connection = client.connect(server.uri("/echo"));
            // Nothing marks that something does not happen: the session must outlive several idle timeouts.
            Thread.sleep(800);
            echoes(connection);
            assertThat(server.openTcpConnections()).isEqualTo(1);

            connection.close();
            NoLeaks.eventually("the TCP connection is closed", () -> server.openTcpConnections() == 0);
            echoes(client.connect(server.uri("/echo")));
        }
    }

    @Test
    void originsDoNotShareSessions() throws Exception {
        try (JettyPeer one = JettyPeer.clear();
                JettyPeer other = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            echoes(client.connect(one.uri("/echo")));
            echoes(client.connect(other.uri("/echo")));
            echoes(client.connect(one.uri("localhost", "/echo")));

            assertThat(one.tcpConnections).hasValue(2);
            assertThat(other.tcpConnections).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectingAndClosingFromManyThreadsLosesNothing(boolean tls) throws Exception {
        TestCertificates authority = new TestCertificates();
        try (JettyPeer server =
                        tls ? JettyPeer.tls(authority.keyStore("127.0.0.1"), null) : JettyPeer.clear("127.0.0.1", 128);
                DuplexClient client = DuplexClient.builder()
                        .trustStore(authority.trustStore())
                        .maxConnectionsPerSession(4)
                        .maxSessionsPerOrigin(2)
                        .build()) {
            List<Thread> threads = new ArrayList<>();
            Queue<Exception> failures = new ConcurrentLinkedQueue<>();
            for (int t = 0; t < 16; t++) {
                boolean waits = t % 2 == 0;
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 50; i++) {
                        ConnectRequest request = ConnectRequest.to(server.uri("/echo"));
                        try (DuplexConnection connection = waits ? client.connect(request) : client.open(request)) {
                            echoes(connection);
                        } catch (Exception e) {
                            failures.add(e);
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(failures).isEmpty();
            NoLeaks.eventually("all streams are gone", () -> server.openStreams() == 0);
        }
    }
}
