package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.conformance.LeakCheck;
import io.h2conn.server.DuplexConnector;
import io.h2conn.server.DuplexHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.BufferedResponseHandler;
import org.eclipse.jetty.server.handler.InetAccessHandler;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.server.handler.StatisticsHandler;
import org.eclipse.jetty.server.handler.ThreadLimitHandler;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What long-lived streams do in good faith and Jetty's defaults take for an attack: on a connector of Jetty's own, to show
 * that there is something to prevent, and on one that was configured, where nothing happens to anybody.
 */
class NoWrongKillsTest {
    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    private final Server server = new Server();
    private final HttpConfiguration configuration = new HttpConfiguration();
    private final HTTP2CServerConnectionFactory http2 = new HTTP2CServerConnectionFactory(configuration);
    private final ServerConnector connector = new ServerConnector(server, http2);
    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final DuplexClient client = DuplexClient.create();

    @AfterEach
    void stop() throws Exception {
        release.countDown();
        client.close();
        server.stop();
    }

    /** Echoes, and hands each connection to the test as well. */
    private URI start(boolean configured, Handler.Wrapper... inFront) throws Exception {
        connector.setHost("127.0.0.1");
        if (configured) {
            DuplexConnector.configure(connector);
        }
        server.addConnector(connector);
        Handler handler = DuplexHandler.blocking(connection -> {
            accepted.add(connection);
            try {
                connection.input().transferTo(connection.output());
            } catch (IOException e) {
                assertThat(connection.isOpen()).isFalse(); // the test has aborted it
            }
        });
        for (Handler.Wrapper wrapper : inFront) {
            wrapper.setHandler(handler);
            handler = wrapper;
        }
        server.setHandler(handler);
        server.start();
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/");
    }

    private DuplexConnection accepted() throws InterruptedException {
        return Objects.requireNonNull(accepted.poll(10, SECONDS), "no connection was accepted");
    }

    private Wire raw() throws Exception {
        Wire wire = new Wire(new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
        wire.preface().flush().read().await(Frame.SETTINGS);
        return wire.frame(Frame.SETTINGS, Frame.ACK, 0).flush();
    }

    private HTTP2Session session() {
        return connector.getConnectedEndPoints().stream()
                .map(endPoint -> ((HTTP2Connection) endPoint.getConnection()).getSession())
                .findFirst()
                .orElseThrow();
    }

    private static void assertEchoes(DuplexConnection connection) throws IOException {
        byte[] message = "still here".getBytes(UTF_8);
        connection.write(ByteBuffer.wrap(message));
        assertThat(connection.input().readNBytes(message.length)).isEqualTo(message);
    }

    private static ErrorCode codeOf(DuplexConnection connection) throws Exception {
        return connection.closed().toCompletableFuture().get(15, SECONDS).code();
    }

    @ParameterizedTest(name = "configured: {0}")
    @ValueSource(booleans = {false, true})
    void pingsByThePeer(boolean configured) throws Exception {
        start(configured);
        try (Wire peer = raw()) {
            peer.post(1, "/").flush();
            for (int i = 0; i < (configured ? 900 : 200); i++) {
                peer.frame(Frame.PING, 0, 0, new byte[8]);
            }
            peer.flood(1);
            if (configured) {
                peer.frame(Frame.DATA, Frame.END_STREAM, 1, new byte[3]).flush();
                assertThat(peer.await(Frame.DATA).payload().remaining()).isEqualTo(3);
            } else {
                assertThat(peer.ending().code()).isIn(ErrorCode.ENHANCE_YOUR_CALM, null);
            }
        }
    }

    @ParameterizedTest(name = "configured: {0}")
    @ValueSource(booleans = {false, true})
    void pingsByTheServer(boolean configured) throws Exception {
        DuplexConnection sibling = client.connect(start(configured));
        assertEchoes(sibling);
        HTTP2Session session = session();
        for (int i = 0; i < (configured ? 900 : 200); i++) {
            session.ping(new PingFrame(i, false), Callback.NOOP);
        }
        if (configured) {
            assertEchoes(sibling);
            sibling.close();
        } else {
            // The TCP connection is gone; its GOAWAY may have been lost with what was still being sent.
            assertThat(codeOf(sibling)).isIn(ErrorCode.ENHANCE_YOUR_CALM, null);
        }
    }

    @ParameterizedTest(name = "configured: {0}")
    @ValueSource(booleans = {false, true})
    void abortsByTheClient(boolean configured) throws Exception {
        URI uri = start(configured);
        DuplexConnection sibling = client.connect(uri);
        assertEchoes(sibling);
        try {
            for (int i = 0; i < (configured ? 1_000 : 300); i++) {
                client.connect(uri).abort(ErrorCode.CANCEL);
            }
        } catch (IOException e) {
            assertThat(configured).as("the session went on: " + e).isFalse();
        }
        if (configured) {
            assertEchoes(sibling);
            sibling.close();
        } else {
            assertThat(codeOf(sibling)).isIn(ErrorCode.ENHANCE_YOUR_CALM, null);
        }
    }

    @ParameterizedTest(name = "configured: {0}")
    @ValueSource(booleans = {false, true})
    void abortsByTheServer(boolean configured) throws Exception {
        URI uri = start(configured);
        DuplexConnection sibling = client.connect(uri);
        assertEchoes(sibling);
        accepted();
        DuplexConnection[] victims = new DuplexConnection[configured ? 1_000 : 90];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < victims.length; i++) {
                victims[i] = client.open(ConnectRequest.to(uri));
            }
            DuplexConnection[] theirs = new DuplexConnection[victims.length];
            for (int i = 0; i < theirs.length; i++) {
                theirs[i] = accepted();
            }
            for (DuplexConnection connection : theirs) { // 1,000 within milliseconds
                connection.abort(ErrorCode.CANCEL);
            }
            for (DuplexConnection victim : victims) {
                codeOf(victim);
            }
        }
        if (configured) {
            assertEchoes(sibling);
            sibling.close();
        } else {
            assertThat(codeOf(sibling)).isIn(ErrorCode.ENHANCE_YOUR_CALM, null);
        }
    }

    @ParameterizedTest(name = "{0} frames, configured: {1}")
    @CsvSource({"400,false", "128,true", "400,true", "4000,true"})
    void aResetWithSmallFramesUnderWay(int frames, boolean configured) throws Exception {
        start(configured);
        try (Wire peer = raw()) {
            peer.post(1, "/").post(3, "/").flush();
            accepted();
            DuplexConnection aborted = accepted();
            aborted.abort(ErrorCode.CANCEL);
            int gone = peer.await(Frame.RST_STREAM).stream();
            for (int i = 0; i < frames; i++) {
                peer.frame(Frame.DATA, 0, gone, new byte[16]); // was under way when the reset was
            }
            peer.flood(1);
            if (configured) {
                peer.frame(Frame.DATA, Frame.END_STREAM, 4 - gone, new byte[3]).flush();
                assertThat(peer.await(Frame.DATA).payload().remaining()).isEqualTo(3);
            } else {
                assertThat(peer.ending().code()).isIn(ErrorCode.ENHANCE_YOUR_CALM, null);
            }
        }
    }

    /** All that, by a server of another make, to our client. */
    @Test
    void aClientSurvivesTheSameFromAServer() throws Exception {
        try (DuplexClient client = DuplexClient.builder()
                        .maxSessionsPerOrigin(1)
                        .maxConnectionsPerSession(2_000)
                        .build();
                HostileServer peer = new HostileServer(wire -> {
                    wire.accept();
                    for (int stream = 1; stream <= 2_001; stream += 2) {
                        wire.await(Frame.HEADERS);
                        wire.frame(Frame.HEADERS, Frame.END_HEADERS, stream, Hpack.STATUS_200)
                                .flush();
                    }
                    for (int i = 0; i < 900; i++) {
                        wire.frame(Frame.PING, 0, 0, new byte[8]);
                    }
                    for (int stream = 3; stream < 2_001; stream += 2) {
                        wire.number(Frame.RST_STREAM, stream, ErrorCode.CANCEL.wire());
                    }
                    wire.flush();
                    int aborted = wire.await(Frame.RST_STREAM).stream();
                    for (int i = 0; i < 4_000; i++) {
                        wire.frame(Frame.DATA, 0, aborted, new byte[16]);
                    }
                    wire.frame(Frame.DATA, Frame.END_STREAM, 1, new byte[5]).flush();
                })) {
            DuplexConnection sibling = client.connect(peer.uri());
            DuplexConnection[] others = new DuplexConnection[1_000];
            for (int i = 0; i < others.length; i++) {
                others[i] = client.connect(peer.uri());
            }
            for (int i = 0; i < others.length - 1; i++) {
                assertThat(codeOf(others[i])).isEqualTo(ErrorCode.CANCEL);
            }
            others[others.length - 1].abort();
            assertThat(sibling.input().readAllBytes()).hasSize(5);
            sibling.close();
        }
    }

    @Test
    @SuppressWarnings({"deprecation", "removal"}) // while they are there, they do harm
    void nothingInFrontEndsAQuietConnection() throws Exception {
        // A quiet stream has no data rate at all.
        configuration.setMinRequestDataRate(1_000_000);
        configuration.setMinResponseDataRate(1_000_000);
        connector.setIdleTimeout(400);
        http2.setStreamIdleTimeout(400);
        configuration.setIdleTimeout(400);
        URI uri = start(
                true,
                new QoSHandler(),
                new ThreadLimitHandler(),
                new StatisticsHandler.MinimumDataRateHandler(1_000_000, 1_000_000),
                new BufferedResponseHandler(),
                new InetAccessHandler());
        DuplexConnection connection = client.connect(uri);
        assertEchoes(connection);
        DuplexConnection peer = accepted();

        // Watches that nothing happens, for several times the time after which it would.
        Thread.sleep(1_200);

        assertThat(peer.isOpen()).isTrue();
        assertEchoes(connection);
        connection.close();
    }

    @Test
    void aLongHeaderEndsNothing() throws Exception {
        URI uri = start(true);
        DuplexConnection sibling = client.connect(uri);
        DuplexConnection connection =
                client.connect(ConnectRequest.to(uri).header("authorization", "Bearer " + "x".repeat(12_000)));
        assertEchoes(connection);
        assertEchoes(sibling);
        connection.close();
        sibling.close();
    }

    @Test
    void aHeaderThatIsTooLongFailsItsOwnConnectAlone() throws Exception {
        URI uri = start(true);
        DuplexConnection sibling = client.connect(uri);
        ConnectRequest tooLong = ConnectRequest.to(uri).header("authorization", "Bearer " + "x".repeat(40_000));
        assertThatThrownBy(() -> client.connect(tooLong)).isInstanceOf(IOException.class);
        assertEchoes(sibling);
        sibling.close();
    }
}
