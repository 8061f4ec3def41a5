package io.h2conn.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private final CountDownLatch done = new CountDownLatch(1);
    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
    private DuplexServer server;
    private Peer peer;

    @AfterEach
    void stop() throws Exception {
        done.countDown();
        if (peer != null) {
            peer.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private Peer serve(ServerLimits limits) throws Exception {
        return serve(DuplexServer.builder().limits(limits));
    }

    private Peer serve(DuplexServer.Builder builder) throws Exception {
        server = builder.host("127.0.0.1")
                .handle("/echo", connection -> connection.input().transferTo(connection.output()))
                .handle("/hold", connection -> {
                    accepted.add(connection);
                    done.await();
                })
                .start();
        peer = new Peer(server.uri());
        return peer;
    }

    private DuplexConnections connections() {
        return DuplexConnections.of(server.jetty());
    }

    private static void assertRefused(Peer.Exchange exchange, int status, String limit) throws Exception {
        assertThat(exchange.response().getStatus()).isEqualTo(status);
        assertThat(exchange.response().getHttpFields().get("retry-after")).isEqualTo("1");
        assertThat(exchange.body()).isEqualTo("This server's limit is reached: " + limit + ".\n");
    }

    // ---------------------------------------------------------------- connections

    @Test
    void oneConnectionBeyondThoseOfTheServerIsA503AndALineInTheLog() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            serve(ServerLimits.defaults().maxConnections(2));
            Peer.Exchange first = peer.open("POST", "/echo");
            assertThat(first.response().getStatus()).isEqualTo(200);
            assertThat(peer.open("POST", "/echo").response().getStatus()).isEqualTo(200);

            for (int i = 0; i < 5; i++) {
                assertRefused(peer.open("POST", "/echo"), 503, "maxConnections is 2");
            }

            assertThat(log.lines("connections are refused with 503")).hasSize(1);
            assertThat(first.end().body()).isEmpty();
            CapturedLog.eventually("there is room again", () -> connections().count() == 1);
            assertThat(peer.open("POST", "/echo").response().getStatus()).isEqualTo(200);
        }
    }

    @Test
    void everyWayToEndAConnectionMakesRoom() throws Exception {
        serve(ServerLimits.defaults().maxConnections(1).maxConnectionsPerAddress(1));
        for (int i = 0; i < 100; i++) {
            Peer.Exchange exchange = peer.open("POST", "/echo");
            assertThat(exchange.response().getStatus()).as("number %d", i).isEqualTo(200);
            switch (i % 3) {
                case 0 -> assertThat(exchange.end().body()).isEmpty();
                case 1 -> exchange.reset(8);
                default -> {
                    peer.disconnect();
                    peer.close();
                    peer = new Peer(server.uri());
                }
            }
            CapturedLog.eventually("there is room again", () -> connections().count() == 0);
        }
    }

    @Test
    void oneConnectionBeyondThoseOfAnAddressIsA429() throws Exception {
        serve(ServerLimits.defaults().maxConnectionsPerAddress(2));
        Peer.Exchange first = peer.open("POST", "/echo");
        assertThat(first.response().getStatus()).isEqualTo(200);
        try (Peer other = new Peer(server.uri())) {
            assertThat(other.open("POST", "/echo").response().getStatus()).isEqualTo(200);

            assertRefused(peer.open("POST", "/echo"), 429, "maxConnectionsPerAddress is 2");
            assertRefused(other.open("POST", "/echo"), 429, "maxConnectionsPerAddress is 2");

            first.end().body();
            CapturedLog.eventually("there is room again", () -> connections().count() == 1);
            assertThat(other.open("POST", "/echo").response().getStatus()).isEqualTo(200);
        }
    }

    @Test
    void requestsThatComeTooFastAreA429AndTheAdmissionIsNotAsked() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        serve(DuplexServer.builder()
                .limits(ServerLimits.defaults().maxConnectsPerSecondPerAddress(3))
                .admission(request -> {
                    asked.incrementAndGet();
                    return null;
                }));
        int refused = 0;
        for (int i = 0; i < 20; i++) {
            if (peer.open("POST", "/echo").response().getStatus() == 429) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
        assertThat(asked).hasValue(20 - refused);
        CapturedLog.eventually("time heals", () -> {
            try {
                return peer.open("POST", "/echo").response().getStatus() == 200;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void addressesAreForgottenAndNetworksOfIpv6CountAsOne() throws Exception {
        AddressCounts counts = new AddressCounts();
        Object one = AddressCounts.key(new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 1));
        Object two = AddressCounts.key(new InetSocketAddress(InetAddress.getByName("2001:db8::ffff:2"), 2));
        Object far = AddressCounts.key(new InetSocketAddress(InetAddress.getByName("2001:db8:0:1::1"), 1));
        assertThat(one).isEqualTo(two).isNotEqualTo(far);
        assertThat(AddressCounts.key(null)).isNull();

        assertThat(counts.take(one, 1)).isTrue();
        assertThat(counts.take(two, 1)).isFalse();
        assertThat(counts.take(far, 1)).isTrue();
        counts.giveBack(one);
        counts.giveBack(far);

        assertThat(counts.size()).isZero();
    }

    // ---------------------------------------------------------------- memory

    /** In pieces that are copied together when nobody waits for them: larger ones may hold on to more than their bytes. */
    private static void sendInPieces(Peer.Exchange exchange, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            exchange.send("x".repeat(4_000));
        }
    }

    @Test
    void overItsMemoryAServerRefusesAndWellOverItResetsWhoHoldsMost() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            serve(ServerLimits.defaults().maxBufferedBytes(1_000_000));
            Peer.Exchange modest = peer.open("POST", "/hold");
            modest.send("x".repeat(1_000));
            Peer.Exchange first = peer.open("POST", "/hold");
            sendInPieces(first, 125);
            Peer.Exchange second = peer.open("POST", "/hold");
            sendInPieces(second, 128);
            peer.ping();
            CapturedLog.eventually("new ones are refused", () -> {
                try {
                    Peer.Exchange late = peer.open("POST", "/echo");
                    return late.response().getStatus() == 503
                            && late.body().equals("This server's limit is reached: maxBufferedBytes is 1000000.\n");
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(peer.sawReset(ErrorCode.ENHANCE_YOUR_CALM)).isFalse();

            // What is there already may still send: 500,000 bytes of a third make it one and a half times too much.
            List<DuplexConnection> open = new ArrayList<>();
            accepted.drainTo(open);
            CompletableFuture<Void> unused = modest.sendAsync(new byte[520_000]); // it may be the one that is reset

            assertThat(List.of(second, modest))
                    .anySatisfy(
                            exchange -> assertThat(exchange.resetCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.wire()));
            log.await("were reset, server-");
            assertThat(open)
                    .anySatisfy(connection -> assertThat(connection.isOpen()).isTrue());
            CapturedLog.eventually("new ones are let in again", () -> {
                try {
                    return peer.open("POST", "/echo").response().getStatus() == 200;
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    // ---------------------------------------------------------------- headers

    @Test
    void headersBeyondTheBoundAreA431AndTheSessionGoesOn() throws Exception {
        serve(DuplexServer.builder().connector(ConnectorOptions.defaults().maxHeaderBytes(2_000)));
        Peer.Exchange before = peer.open("POST", "/echo");
        String fits = "x".repeat(2_000 - "/echo".length() - 32 - "x-big".length());

        assertThat(peer.open("POST", "/echo", HttpFields.build().add("x-big", fits), true)
                        .response()
                        .getStatus())
                .isEqualTo(200);
        Peer.Exchange refused = peer.open("POST", "/echo", HttpFields.build().add("x-big", fits + "x"), true);
        assertThat(refused.response().getStatus()).isEqualTo(431);
        assertThat(refused.body()).isEqualTo("This server's limit is reached: maxHeaderBytes is 2000.\n");

        assertThat(before.send("alive").end().body()).isEqualTo("alive");
        assertThat(peer.sawGoAway()).isFalse();
    }

    // ---------------------------------------------------------------- TCP

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    @Test
    void aTcpConnectionThatSaysNothingIsClosed() throws Exception {
        serve(ServerLimits.defaults().handshakeTimeout(Duration.ofMillis(300)));
        Peer.Exchange exchange = peer.open("POST", "/echo");
        try (Socket silent = connect();
                Socket slow = connect()) {
            slow.getOutputStream().write("PRI * HT".getBytes(US_ASCII));

            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            InputStream in = slow.getInputStream();
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThat(exchange.send("still here").end().body()).isEqualTo("still here");
    }

    @Test
    void aTcpConnectionBeyondThoseOfAnAddressIsClosedAtOnce() throws Exception {
        serve(ServerLimits.defaults().maxTcpConnectionsPerAddress(2));
        try (CapturedLog log = new CapturedLog()) {
            try (Peer second = new Peer(server.uri())) {
                for (int i = 0; i < 20; i++) {
                    try (Socket third = connect()) {
                        assertThat(readOrFail(third)).isEqualTo(-1);
                    }
                }
                assertThat(second.open("POST", "/echo").end().body()).isEmpty();
            }
            CapturedLog.eventually("there is room again", () -> {
                try (Peer again = new Peer(server.uri())) {
                    return again.open("POST", "/echo").response().getStatus() == 200;
                } catch (Exception e) {
                    return false;
                }
            });
            assertThat(log.text()).doesNotContain("WARN");
        }
    }

    private static int readOrFail(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (java.net.SocketException reset) {
            return -1;
        }
    }

    @Test
    void tcpConnectionsBeyondThoseOfTheServerWaitForTheirTurn() throws Exception {
        serve(ServerLimits.defaults().maxTcpConnections(1));
        try (Socket waiting = connect()) {
            waiting.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
            waiting.setSoTimeout(200); // Proves that it is not served.
            assertThatThrownBy(() -> waiting.getInputStream().read())
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            assertThat(peer.open("POST", "/echo").end().body()).isEmpty();

            peer.close();

            waiting.setSoTimeout(10_000);
            assertThat(waiting.getInputStream().read()).isEqualTo('H');
        }
    }

    @Test
    void limitsThatMakeNoSenseAreNamed() {
        assertThatThrownBy(() -> ServerLimits.defaults().maxConnections(0)).hasMessageContaining("maxConnections");
        assertThatThrownBy(() -> ServerLimits.defaults().maxBufferedBytes(0)).hasMessageContaining("maxBufferedBytes");
        assertThatThrownBy(() -> ServerLimits.defaults().handshakeTimeout(Duration.ZERO))
                .hasMessageContaining("handshakeTimeout");
        assertThatThrownBy(() -> ConnectorOptions.defaults().maxHeaderBytes(10)).hasMessageContaining("maxHeaderBytes");
        assertThat(ServerLimits.defaults().maxConnections(5))
                .hasToString("ServerLimits[maxConnections=5, maxConnectionsPerAddress=unlimited,"
                        + " maxConnectsPerSecondPerAddress=unlimited, maxTcpConnections=100000,"
                        + " maxTcpConnectionsPerAddress=unlimited, handshakeTimeout=PT10S, maxBufferedBytes="
                        + Runtime.getRuntime().maxMemory() / 4 + "]");
    }
}
