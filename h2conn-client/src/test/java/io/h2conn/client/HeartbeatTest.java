package io.h2conn.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How the client watches a server, against servers that do what they like. */
class HeartbeatTest {
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final Duration HEARTBEAT = Duration.ofMillis(60);

    private static void accept(RawPeer.Wire wire) throws Exception {
        wire.handshake();
        int stream = wire.await(RawPeer.HEADERS).stream();
        wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
    }

    @Test
    void anyByteThatArrivesIsLifeThoughHeartbeatsAreNotAnswered() throws Exception {
        try (RawPeer peer = new RawPeer(wire -> {
                    accept(wire);
                    for (int pings = 0; pings < 4; ) {
                        if (wire.read().type() == PING) {
                            pings++;
                            wire.send(RawPeer.DATA, 0, 1, new byte[] {(byte) pings});
                        }
                    }
                    wire.send(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[] {9});
                    wire.awaitEnd();
                });
                DuplexClient client =
                        DuplexClient.builder().heartbeat(HEARTBEAT).build();
                DuplexConnection connection = client.connect(peer.uri("/"))) {
            assertThat(connection.input().readAllBytes()).containsExactly(1, 2, 3, 4, 9);
            assertThat(connection.info().roundTripTime()).isNull();
        }
    }

    @Test
    void aClientThatOnlyReceivesShowsThatItIsThere() throws Exception {
        try (RawPeer peer = new RawPeer(wire -> {
                    accept(wire);
                    AtomicBoolean shown = new AtomicBoolean();
                    FutureTask<@Nullable Void> sender = new FutureTask<>(() -> {
                        while (!shown.get()) {
                            wire.send(RawPeer.DATA, 0, 1, new byte[] {1}); // so that it has no need to ask
                            LockSupport.parkNanos(HEARTBEAT.toNanos() / 10);
                        }
                        wire.send(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[] {2});
                        return null;
                    });
                    new Thread(sender).start();
                    while (wire.await(WINDOW_UPDATE).stream() != 0) {
                        // credit for the stream comes when half of its window is used
                    }
                    shown.set(true);
                    sender.get();
                    wire.awaitEnd();
                });
                DuplexClient client =
                        DuplexClient.builder().heartbeat(HEARTBEAT).build();
                DuplexConnection connection = client.connect(peer.uri("/"))) {
            assertThat(connection.input().readAllBytes()).endsWith(1, 2);
        }
    }

    @Test
    void aServerThatAsksForCalmGetsHalfAsManyHeartbeatsFromThenOn() throws Exception {
        List<Long> firstPings = new CopyOnWriteArrayList<>();
        try (RawPeer peer = new RawPeer(wire -> {
                    accept(wire);
                    long start = System.nanoTime();
                    wire.await(PING);
                    firstPings.add(System.nanoTime() - start);
                    wire.goAway(1, ENHANCE_YOUR_CALM);
                    wire.socket.shutdownOutput(); // not closed: what the client still sends would make that a TCP reset
                    wire.awaitEnd();
                });
                DuplexClient client =
                        DuplexClient.builder().heartbeat(HEARTBEAT).build()) {
            for (int i = 0; i < 3; i++) {
                try (DuplexConnection connection = client.connect(peer.uri("/"))) {
                    assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
                            .isInstanceOfSatisfying(
                                    ConnectionLostException.class,
                                    e -> assertThat(e.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM));
                }
            }
            // Silence is seen to begin up to half an interval early, as the first look comes after half of one.
            assertThat(firstPings).hasSize(3);
            assertThat(firstPings.get(1)).isGreaterThan(HEARTBEAT.toNanos());
            assertThat(firstPings.get(2))
                    .isGreaterThan(HEARTBEAT.multipliedBy(2).toNanos());
        }
    }

    @Test
    void aConnectThatGotNoByteInAllItsTimeLeavesTheSession() throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        try (RawPeer peer = new RawPeer(wire -> {
                    boolean first = sessions.incrementAndGet() == 1;
                    accept(wire);
                    if (first) {
                        wire.send(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[0]);
                    }
                    wire.awaitEnd(); // the first one takes more requests, and never says anything about them
                });
                DuplexClient client = DuplexClient.builder()
                        .heartbeat(Duration.ZERO)
                        .connectTimeout(Duration.ofMillis(300))
                        .build()) {
            client.connect(peer.uri("/")).close();
            assertThatThrownBy(() -> client.connect(peer.uri("/"))).isInstanceOf(ConnectionTimeoutException.class);
            client.connect(peer.uri("/")).abort();
            assertThat(peer.accepted()).isEqualTo(2);
        }
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        DuplexClient.Builder builder = DuplexClient.builder();
        assertThatThrownBy(() -> builder.heartbeat(Duration.ofMillis(9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("heartbeat")
                .hasMessageContaining("PT0.009S");
        assertThatThrownBy(() -> builder.writeTimeout(Duration.ofMillis(-5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("writeTimeout")
                .hasMessageContaining("PT-0.005S");
    }
}
