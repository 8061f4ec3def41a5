package io.h2conn.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionRefusedException;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** However a connection ends, its buffers go back to where they came from. */
@ExtendWith(NoLeaks.class)
class BufferLeakTest {
    private final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();

    private interface Use {
        void run(DuplexClient client) throws Exception;
    }

    private void leaksNothing(Use use) throws Exception {
        try (DuplexClient client = DuplexClient.builder().buffers(pool).build()) {
            use.run(client);
        }
        assertThat(pool.getLeaks()).isEmpty();
    }

    private static byte[] much() {
        byte[] much = new byte[100_000];
        Arrays.fill(much, (byte) 'x');
        return much;
    }

    @Test
    void anOrderlyEndLeaksNothing() throws Exception {
        try (JettyPeer server = JettyPeer.clear()) {
            leaksNothing(client -> {
                try (DuplexConnection connection = client.connect(server.uri("/echo"))) {
                    connection.output().write(much());
                    connection.closeOutput();
                    assertThat(connection.input().readAllBytes()).hasSize(100_000);
                }
            });
        }
    }

    @Test
    void anAbortWithUnreadInputLeaksNothing() throws Exception {
        try (JettyPeer server = JettyPeer.clear()) {
            leaksNothing(client -> {
                DuplexConnection connection = client.connect(server.uri("/echo"));
                connection.output().write(much());
                assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
                connection.abort();
            });
        }
    }

    @Test
    void unreadInputOfAClientThatClosesLeaksNothing() throws Exception {
        try (JettyPeer server = JettyPeer.clear()) {
            leaksNothing(client -> {
                DuplexConnection connection = client.connect(server.uri("/echo"));
                connection.output().write(much());
                assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
            });
        }
    }

    @Test
    void aLostSessionLeaksNothing() throws Exception {
        try (JettyPeer server = JettyPeer.clear()) {
            leaksNothing(client -> {
                DuplexConnection connection = client.connect(server.uri("/echo"));
                connection.output().write(much());
                assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
                server.sessions().forEach(session -> session.disconnect());
                assertThatThrownBy(() -> connection.input().readAllBytes()).isInstanceOf(IOException.class);
            });
        }
    }

    @Test
    void refusalsLeakNothing() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
            wire.handshake();
            while (true) {
                int stream = wire.await(RawPeer.HEADERS).stream();
                wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_404);
                for (int i = 0; i < 5; i++) {
                    wire.send(RawPeer.DATA, 0, stream, "no".repeat(1000).getBytes(UTF_8));
                }
            }
        })) {
            leaksNothing(client -> {
                for (int i = 0; i < 20; i++) {
                    assertThatThrownBy(() -> client.connect(server.uri("/")))
                            .isInstanceOf(ConnectionRefusedException.class);
                    DuplexConnection early = client.open(ConnectRequest.to(server.uri("/")));
                    assertThatThrownBy(() -> early.read(ByteBuffer.allocate(10)))
                            .isInstanceOfSatisfying(
                                    ConnectionRefusedException.class,
                                    e -> assertThat(e.body()).hasSize(ConnectionRefusedException.MAX_BODY_BYTES));
                }
            });
        }
    }

    @Test
    void whatWasGivenUpLeaksNothing() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                RawPeer silent = new RawPeer(RawPeerScripts.SILENT)) {
            leaksNothing(client -> {
                for (int i = 0; i < 50; i++) {
                    CompletableFuture<DuplexConnection> connect =
                            client.connectAsync(ConnectRequest.to(server.uri("/echo")));
                    if (!connect.cancel(false)) {
                        connect.join().abort();
                    }
                    DuplexConnection early = client.open(ConnectRequest.to(server.uri("/echo")));
                    early.output().write(much());
                    early.abort();
                }
                assertThatThrownBy(() -> client.connect(
                                ConnectRequest.to(silent.uri("/")).timeout(Duration.ofMillis(100))))
                        .isInstanceOf(IOException.class);
            });
        }
    }
}
