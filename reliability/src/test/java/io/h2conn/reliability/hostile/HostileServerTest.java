package io.h2conn.reliability.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.client.DuplexClient;
import io.h2conn.conformance.LeakCheck;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client with a server that keeps no rule, while another of its connections works with a server that does. */
class HostileServerTest {
    private static final int WINDOW = 512 * 1024;

    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Siege siege = Siege.withoutTracking();

    private DuplexClient client;
    private Siege.Bystander bystander;

    @BeforeEach
    void start() throws IOException {
        client = DuplexClient.builder()
                .connectTimeout(Duration.ofSeconds(5))
                .options(ConnectionOptions.defaults().closeTimeout(Duration.ofMillis(200)))
                .build();
        bystander = new Siege.Bystander(client.connect(siege.uri("/echo")));
    }

    @AfterEach
    void theOtherConnectionGoesOn() throws Exception {
        bystander.goesOn();
        bystander.end();
        client.close();
    }

    /** Accepts the first request as it should, and then does what the script says. */
    private static HostileServer afterwards(HostileServer.Script script) throws IOException {
        return new HostileServer(wire -> {
            wire.accept();
            wire.await(Frame.HEADERS);
            wire.frame(Frame.HEADERS, Frame.END_HEADERS, 1, Hpack.STATUS_200).flush();
            script.run(wire);
        });
    }

    private void assertThrownOut(HostileServer.Script script, ErrorCode code, String why) throws Exception {
        try (HostileServer server = afterwards(script)) {
            DuplexConnection connection = client.connect(server.uri());
            CloseReason reason = reason(connection);
            assertThat(reason.code()).isEqualTo(code);
            assertThat(server.wire().ending().code()).isIn(code, ErrorCode.ENHANCE_YOUR_CALM, null);
            Eventually.holds("a line in the log", () -> !siege.log().warnings().isEmpty());
            assertThat(siege.log().warnings())
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains("ended the TCP connection with /127.0.0.1:"
                                    + server.uri().getPort())
                            .contains(why));
        }
    }

    private static CloseReason reason(DuplexConnection connection) throws Exception {
        return connection.closed().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }

    @Test
    void aPingFloodEndsTheTcpConnection() throws Exception {
        assertThrownOut(
                wire -> wire.frame(Frame.PING, 0, 0, new byte[8]).flood(50_000),
                ErrorCode.ENHANCE_YOUR_CALM,
                "the last one PING");
    }

    @Test
    void aSettingsFloodEndsTheTcpConnection() throws Exception {
        assertThrownOut(
                wire -> wire.settings(Frame.SETTINGS_INITIAL_WINDOW_SIZE, 70_000)
                        .flood(50_000),
                ErrorCode.ENHANCE_YOUR_CALM,
                "invalid_settings_frame");
    }

    @Test
    void aFloodOfEmptyDataEndsTheTcpConnection() throws Exception {
        assertThrownOut(
                wire -> wire.frame(Frame.DATA, 0, 1).flood(50_000), ErrorCode.ENHANCE_YOUR_CALM, "the last one DATA");
    }

    @Test
    void aFloodOfResetsEndsTheTcpConnection() throws Exception {
        assertThrownOut(
                wire -> wire.number(Frame.RST_STREAM, 1, ErrorCode.CANCEL.wire())
                        .flood(50_000),
                ErrorCode.CANCEL,
                "resets in a second");
    }

    @Test
    void aFloodOfInterimResponsesEndsTheTcpConnection() throws Exception {
        try (HostileServer server = new HostileServer(wire -> {
            wire.accept();
            wire.await(Frame.HEADERS);
            // RFC 7541, section 6.2.2: :status is in entry 8 of the static table.
            byte[] interim = new Hpack().literal(8, "103").bytes();
            wire.frame(Frame.HEADERS, Frame.END_HEADERS, 1, interim).flood(50_000);
        })) {
            assertThatThrownBy(() -> client.connect(server.uri())).hasMessageContaining("ENHANCE_YOUR_CALM");
        }
    }

    @Test
    void aContinuationFloodEndsWithTheConnectTimeout() throws Exception {
        DuplexClient impatient =
                DuplexClient.builder().connectTimeout(Duration.ofMillis(300)).build();
        try (HostileServer server = new HostileServer(wire -> {
            wire.accept();
            wire.await(Frame.HEADERS);
            wire.frame(Frame.HEADERS, 0, 1, Hpack.STATUS_200).flush();
            wire.frame(Frame.CONTINUATION, 0, 1).flood(200_000);
        })) {
            assertThatThrownBy(() -> impatient.connect(server.uri())).isInstanceOf(IOException.class);
            bystander.goesOn();
        } finally {
            impatient.close();
        }
    }

    @Test
    void headersAboveTheLimitEndTheTcpConnection() throws Exception {
        try (HostileServer server = new HostileServer(wire -> {
            wire.accept();
            wire.await(Frame.HEADERS);
            byte[] large = new Hpack()
                    .indexed(8)
                    .literal("x-large", "x".repeat(33_000))
                    .bytes();
            wire.frame(Frame.HEADERS, Frame.END_HEADERS, 1, large).flood(1);
        })) {
            assertThatThrownBy(() -> client.connect(server.uri())).isInstanceOf(IOException.class);
            assertThat(server.wire().ending().code()).isNotNull();
        }
    }

    @Test
    void moreThanTheWindowEndsTheTcpConnection() throws Exception {
        assertThrownOut(
                wire -> wire.frame(Frame.DATA, 0, 1, new byte[16_384]).flood(WINDOW / 16_384 + 1),
                ErrorCode.FLOW_CONTROL_ERROR,
                "stream_window_exceeded");
    }

    @Test
    void creditThatOverflowsTheSessionsWindowEndsTheTcpConnection() throws Exception {
        assertThrownOut(
                wire -> wire.number(Frame.WINDOW_UPDATE, 0, Integer.MAX_VALUE).flush(),
                ErrorCode.FLOW_CONTROL_ERROR,
                "invalid_flow_control_window");
    }

    @Test
    void creditThatOverflowsAStreamsWindowResetsThatStream() throws Exception {
        try (HostileServer server = afterwards(
                wire -> wire.number(Frame.WINDOW_UPDATE, 1, Integer.MAX_VALUE).flush())) {
            DuplexConnection connection = client.connect(server.uri());
            assertThat(server.wire().await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.FLOW_CONTROL_ERROR.wire());
            assertThat(reason(connection).failure()).isNotNull();
        }
    }

    @ParameterizedTest(name = "stream {0}")
    @ValueSource(ints = {2, 99})
    void dataOnAStreamThatWasNeverOpenedEndsTheTcpConnection(int stream) throws Exception {
        assertThrownOut(
                wire -> wire.frame(Frame.DATA, 0, stream, new byte[5]).flush(),
                ErrorCode.PROTOCOL_ERROR,
                "unexpected_data_frame");
    }

    @Test
    void aPushThatWasForbiddenEndsTheTcpConnection() throws Exception {
        byte[] payload = ByteBuffer.allocate(4 + 3)
                .putInt(2)
                .put(new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84})
                .array();
        assertThrownOut(
                wire -> wire.frame(Frame.PUSH_PROMISE, Frame.END_HEADERS, 1, payload)
                        .flush(),
                ErrorCode.PROTOCOL_ERROR,
                "forbidden");
    }

    @Test
    void dataAfterTheEndIsNotDelivered() throws Exception {
        try (HostileServer server = afterwards(wire -> {
            wire.frame(Frame.DATA, Frame.END_STREAM, 1, new byte[5]);
            wire.frame(Frame.DATA, 0, 1, new byte[5]).flush();
        })) {
            DuplexConnection connection = client.connect(server.uri());
            assertThat(connection.input().readAllBytes()).hasSize(5);
            assertThat(server.wire().await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.STREAM_CLOSED.wire());
        }
    }

    @Test
    void trailersInTheMiddleResetTheStream() throws Exception {
        try (HostileServer server = afterwards(wire -> {
            byte[] trailers = new Hpack().literal("x-trailer", "1").bytes();
            wire.frame(Frame.HEADERS, Frame.END_HEADERS, 1, trailers).flush();
        })) {
            DuplexConnection connection = client.connect(server.uri());
            assertThat(reason(connection).code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
            assertThat(server.wire().await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.PROTOCOL_ERROR.wire());
        }
    }

    @Test
    void unreadBytesCostTheSameHoweverTheyAreCut() throws Exception {
        try (HostileServer server = afterwards(wire -> {})) {
            DuplexConnection connection = client.connect(server.uri());
            Wire wire = server.wire();
            long before = Heap.used();
            for (int i = 0; i < WINDOW; i++) {
                wire.frame(Frame.DATA, 0, 1, (byte) 1);
                if (wire.pending() > 100_000) {
                    wire.flush();
                }
            }
            wire.flush();
            Eventually.holds("all has arrived", () -> connection.input().available() == WINDOW);
            assertThat(Heap.used() - before).isLessThan(3 * WINDOW + 1_000_000);
            connection.abort();
        }
    }

    @Test
    void aServerThatNeverReadsItsTcpConnectionHoldsOneSendBuffer() throws Exception {
        try (HostileServer server = new HostileServer(wire -> {
            wire.settings(Frame.SETTINGS_INITIAL_WINDOW_SIZE, 1 << 30);
            wire.number(Frame.WINDOW_UPDATE, 0, 1 << 30).flush();
            wire.acceptAndReadNoMore();
            wire.frame(Frame.HEADERS, Frame.END_HEADERS, 1, Hpack.STATUS_200).flush();
        })) {
            DuplexConnection connection = client.connect(server.uri());
            connection.setWriteTimeout(Duration.ofMillis(300));
            long before = Heap.used();
            assertThatThrownBy(() -> {
                        while (true) {
                            connection.write(ByteBuffer.allocate(100_000));
                        }
                    })
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(Heap.used() - before).isLessThan(2_000_000);
            connection.abort();
        }
    }

    /** Jetty queues each credit while it writes, and it writes for ever to a peer that does not read. */
    @Test
    void aFloodOfCreditByAServerThatDoesNotReadEndsTheTcpConnection() throws Exception {
        try (HostileServer server = new HostileServer(wire -> {
            wire.settings(Frame.SETTINGS_INITIAL_WINDOW_SIZE, 1 << 30);
            wire.number(Frame.WINDOW_UPDATE, 0, 1 << 30).flush();
            wire.acceptAndReadNoMore();
            wire.frame(Frame.HEADERS, Frame.END_HEADERS, 1, Hpack.STATUS_200).flush();
            for (int i = 0; i < 1_000; i++) {
                wire.number(Frame.WINDOW_UPDATE, 1, 1);
            }
            wire.flood(20_000);
        })) {
            DuplexConnection connection = client.connect(server.uri());
            assertThatThrownBy(() -> {
                        while (true) {
                            connection.write(ByteBuffer.allocate(100_000));
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(reason(connection).code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        }
    }
}
