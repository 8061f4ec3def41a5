package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many writes to the socket the streams of one session need. */
@Timeout(30)
class JointWritesTest {
    private static final int STREAMS = 16;
    private static final int ROUNDS = 50;
    private static final byte[] MESSAGE = "a message of a few bytes".getBytes(UTF_8);

    private final Server server = new Server();
    private final CountingConnector connector = new CountingConnector(server);

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private RawPeer start(DuplexHandler handler) throws Exception {
        DuplexConnector.configure(connector);
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
        RawPeer peer = new RawPeer(connector.getLocalPort());
        for (int i = 0; i < STREAMS; i++) {
            peer.headers(2 * i + 1, 0);
        }
        peer.flush();
        for (int i = 0; i < STREAMS; i++) {
            peer.await(RawPeer.HEADERS);
        }
        return peer;
    }

    /** Sends a message on every stream, all in one piece, and waits until each has come back. */
    private static void echoOnAll(RawPeer peer) throws IOException {
        for (int i = 0; i < STREAMS; i++) {
            peer.frame(RawPeer.DATA, 0, 2 * i + 1, MESSAGE);
        }
        peer.flush();
        Map<Integer, byte[]> echoed = new HashMap<>();
        while (echoed.size() < STREAMS) {
            RawPeer.Received data = peer.await(RawPeer.DATA);
            byte[] bytes = new byte[data.payload().remaining()];
            data.payload().get(bytes);
            assertThat(echoed.put(data.stream(), bytes)).isNull();
        }
        assertThat(echoed.values()).allSatisfy(bytes -> assertThat(bytes).isEqualTo(MESSAGE));
    }

    @Test
    void answersFromCallbacksToOneBatchOfInputLeaveInOneWrite() throws Exception {
        DuplexHandler echo = DuplexHandler.async(
                connection -> connection.listen(connection::writeAsync),
                Acceptor.defaults().options(ConnectionOptions.defaults().nonBlockingCallbacks(true)));
        try (RawPeer peer = start(echo)) {
            for (int round = 0; round < ROUNDS; round++) {
                echoOnAll(peer);
            }
            connector.reset();
            for (int round = 0; round < ROUNDS; round++) {
                echoOnAll(peer);
            }
            // Fewer than one a stream, though a slow machine takes its time for callbacks, and answers then do not
            // wait.
            assertThat(connector.writes.get()).isLessThan(STREAMS * ROUNDS * 3 / 4);
        }
    }

    @Test
    void aThreadThatWritesToOneConnectionAfterTheOtherNeedsFewWrites() throws Exception {
        BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
        DuplexHandler keep = DuplexHandler.async(connection -> {
            accepted.add(connection);
            return connection.closed();
        });
        try (RawPeer peer = start(keep)) {
            List<DuplexConnection> connections = new ArrayList<>();
            while (connections.size() < STREAMS) {
                connections.add(accepted.take());
            }
            connector.reset();
            for (int round = 0; round < ROUNDS; round++) {
                for (DuplexConnection connection : connections) {
                    connection.write(ByteBuffer.wrap(MESSAGE));
                }
            }
            for (int i = 0; i < STREAMS * ROUNDS; ) {
                i += peer.await(RawPeer.DATA).payload().remaining() / MESSAGE.length;
            }
            assertThat(connector.writes.get()).isLessThan(STREAMS * ROUNDS / 2);
        }
    }
}
