package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reset fails the writes of its stream before its event is delivered; on a busy machine long before. */
@Timeout(60)
class LateResetTest {
    private static final int INITIAL_WINDOW_SIZE = 0x4;
    private static final int SESSION_WINDOW = 65_535;

    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();

    private DuplexConnection accept(RawPeer peer, int stream) throws Exception {
        peer.headers(stream, 0).flush();
        DuplexConnection connection = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(connection).isNotNull();
        return connection;
    }

    @Test
    void aWriteThatFailsSaysThatThePeerHasResetTheStream() throws Exception {
        // Where callbacks run on the thread that brings the news, one that takes its time delays all other news.
        ConnectionOptions options = ConnectionOptions.defaults().executor(Runnable::run);
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .acceptor(Acceptor.defaults().options(options))
                        .handleAsync("/", connection -> {
                            accepted.add(connection);
                            return new CompletableFuture<>();
                        })
                        .start();
                RawPeer peer = new RawPeer(server.port())) {
            byte[] setting = ByteBuffer.allocate(6)
                    .putShort((short) INITIAL_WINDOW_SIZE)
                    .putInt(1 << 20)
                    .array();
            peer.frame(RawPeer.SETTINGS, 0, 0, setting);
            DuplexConnection reset = accept(peer, 1);
            DuplexConnection slow = accept(peer, 3);
            DuplexConnection other = accept(peer, 5);
            // The session's window has no room for all of it: the rest waits in Jetty.
            reset.write(ByteBuffer.allocate(SESSION_WINDOW + 1_000));
            CountDownLatch delayed = new CountDownLatch(1);
            CompletableFuture<?> unused = slow.readAsync().thenRun(() -> {
                delayed.countDown();
                reset.closed()
                        .toCompletableFuture()
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join();
            });

            // Much data waits for what else was read, and so is delivered when the reset has been noted, but not told.
            peer.frame(RawPeer.DATA, 0, 3, new byte[8_192])
                    .frame(RawPeer.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8})
                    .flush();
            assertThat(delayed.await(10, TimeUnit.SECONDS)).isTrue();
            other.abort(); // Jetty writes, and drops what it has of a stream that was reset

            CloseReason reason = Peer.get(reset.closed().toCompletableFuture());
            assertThat(reason.origin()).isEqualTo(Origin.PEER);
            assertThat(reason.failure()).isInstanceOf(ConnectionResetException.class);
        }
    }
}
