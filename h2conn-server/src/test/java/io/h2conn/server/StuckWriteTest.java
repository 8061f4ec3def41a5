package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.internal.BufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer that stops to read TCP leaves Jetty's write unanswered for ever; nothing of ours may wait for that. */
class StuckWriteTest {
    private static final Duration WRITE_TIMEOUT = Duration.ofMillis(400);
    private static final int INITIAL_WINDOW_SIZE = 0x4;
    private static final int LARGEST_WINDOW = Integer.MAX_VALUE;

    private final Server server = new Server();
    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
    private AutoCloseable running = server::stop;

    @AfterEach
    void stop() throws Exception {
        running.close();
    }

    private RawPeer start(boolean embedded, ConnectorOptions settings, ConnectionOptions options) throws Exception {
        Acceptor acceptor = Acceptor.defaults().options(options);
        AsyncConnectionHandler keep = connection -> {
            accepted.add(connection);
            return new CompletableFuture<>();
        };
        int port;
        if (embedded) {
            DuplexServer made = DuplexServer.builder()
                    .host("127.0.0.1")
                    .connector(settings)
                    .acceptor(acceptor)
                    .handleAsync("/", keep)
                    .start();
            running = made;
            port = made.port();
        } else {
            ServerConnector connector =
                    new ServerConnector(server, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
            connector.setHost("127.0.0.1");
            server.addConnector(DuplexConnector.configure(connector, settings));
            server.setHandler(DuplexHandler.async(keep, acceptor));
            server.start();
            port = connector.getLocalPort();
        }
        RawPeer peer = new RawPeer(port);
        byte[] setting = ByteBuffer.allocate(6)
                .putShort((short) INITIAL_WINDOW_SIZE)
                .putInt(LARGEST_WINDOW)
                .array();
        byte[] update = ByteBuffer.allocate(4).putInt(LARGEST_WINDOW - 65_535).array();
        peer.frame(RawPeer.SETTINGS, 0, 0, setting).frame(RawPeer.WINDOW_UPDATE, 0, 0, update);
        peer.headers(1, 0).flush();
        return peer; // and never reads again
    }

    private DuplexConnection connection() throws InterruptedException {
        DuplexConnection connection = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(connection).isNotNull();
        return connection;
    }

    /** Writes until neither the socket nor the send buffer takes more. */
    private static void fill(DuplexConnection connection) throws IOException {
        connection.setWriteTimeout(Duration.ofMillis(50));
        try {
            while (true) {
                connection.write(ByteBuffer.allocate(64 * 1024));
            }
        } catch (ConnectionTimeoutException e) {
            connection.setWriteTimeout(Duration.ZERO);
        }
    }

    /** A byte now and then: the peer is alive, as far as its sending goes. */
    private static void sendSlowly(RawPeer peer) {
        try {
            while (true) {
                peer.frame(RawPeer.DATA, 0, 1, new byte[1]).flush();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        } catch (IOException e) {
            // The server has ended the TCP connection, which is what the test waits for.
        }
    }

    private static CloseReason end(DuplexConnection connection) throws Exception {
        return Peer.get(connection.closed().toCompletableFuture());
    }

    @ParameterizedTest(name = "embedded: {0}")
    @ValueSource(booleans = {true, false})
    void aPeerThatSendsAndNeverReadsLosesItsSession(boolean embedded) throws Exception {
        ConnectorOptions settings =
                ConnectorOptions.defaults().heartbeat(Duration.ZERO).writeTimeout(WRITE_TIMEOUT);
        try (RawPeer peer = start(embedded, settings, ConnectionOptions.defaults())) {
            DuplexConnection connection = connection();
            connection.input().close();
            fill(connection);
            Thread sending = new Thread(() -> sendSlowly(peer), "sends-and-never-reads");
            sending.setDaemon(true); // it may hang in a write until the server has ended the TCP connection
            sending.start();
            CloseReason reason = end(connection);
            assertThat(reason.origin()).isEqualTo(Origin.NETWORK);
            assertThat(reason.failure())
                    .isInstanceOfSatisfying(
                            ConnectionLostException.class,
                            e -> assertThat(e.getMessage()).contains("it no longer reads"));
            assertThat(reason.bytesNotDelivered()).isPositive();
            assertBuffersReturn();
        }
    }

    @ParameterizedTest(name = "embedded: {0}")
    @ValueSource(booleans = {true, false})
    void closeAndAbortEndInBoundedTimeAndTheBufferIsKeptUntilTheSocketHasLetGo(boolean embedded) throws Exception {
        ConnectorOptions settings =
                ConnectorOptions.defaults().heartbeat(Duration.ZERO).writeTimeout(Duration.ofSeconds(3));
        ConnectionOptions options = ConnectionOptions.defaults().closeTimeout(Duration.ofMillis(200));
        try (RawPeer peer = start(embedded, settings, options)) {
            DuplexConnection connection = connection();
            peer.headers(3, 0).flush();
            DuplexConnection other = connection();
            fill(connection);
            fill(other);
            other.abort(ErrorCode.CANCEL);
            assertThat(end(other).code()).isEqualTo(ErrorCode.CANCEL);
            CompletableFuture<?> closing = connection.closeAsync();
            assertThat(end(connection).failure()).isInstanceOf(ConnectionTimeoutException.class);
            assertThat(closing.handle((done, failure) -> failure).get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ConnectionTimeoutException.class);
            // Jetty has the pieces still, and may read them.
            assertThat(BufferPool.outstanding()).isPositive();
            assertBuffersReturn();
        }
    }

    private static void assertBuffersReturn() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (BufferPool.outstanding() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        assertThat(BufferPool.outstanding()).isZero();
    }
}
