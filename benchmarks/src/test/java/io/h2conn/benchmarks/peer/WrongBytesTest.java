package io.h2conn.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The servers of the peers that are libraries of others refuse what is wrong, and their clients learn why. */
@Timeout(30)
class WrongBytesTest {
    private static final String COMPLAINT = "byte " + Pattern.MAX_PIECE + " is not the one that was sent";

    @Nested
    class Grpc {
        private GrpcServer server;
        private ManagedChannel channel;

        @BeforeEach
        void start() throws Exception {
            server = new GrpcServer(Security.CLEAR, false);
            channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                    .usePlaintext()
                    .build();
        }

        @AfterEach
        void stop() throws Exception {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            server.close();
        }

        @Test
        void bytesOfBulk() throws Exception {
            GrpcTransfer<ByteBuffer> transfer = GrpcTransfer.open(channel, GrpcMethods.SINK);
            transfer.send(Pattern.piece(0, Pattern.MAX_PIECE));
            transfer.send(Pattern.piece(1, Pattern.MAX_PIECE));

            assertThatThrownBy(() -> transfer.end(2 * Pattern.MAX_PIECE)).hasMessageContaining(COMPLAINT);
        }

        @Test
        void aMessage() throws Exception {
            GrpcTransfer<byte[]> transfer = GrpcTransfer.open(channel, GrpcMethods.MESSAGES);
            transfer.send(Messages.make(Messages.SMALL, 1, 0));

            assertThatThrownBy(() -> transfer.end(1)).hasMessageContaining("message 0 of 64 bytes is not the one");
        }

        @Test
        void aMessageLess() throws Exception {
            GrpcTransfer<byte[]> transfer = GrpcTransfer.open(channel, GrpcMethods.MESSAGES);
            transfer.send(Messages.make(Messages.SMALL, 0, 0));

            assertThatThrownBy(() -> transfer.end(2)).hasMessageContaining("the server received 1");
        }
    }

    @Nested
    class JettyWebSocket {
        private JettyWebSocketServer server;
        private WebSocketClient client;

        @BeforeEach
        void start() throws Exception {
            server = new JettyWebSocketServer(Security.CLEAR);
            client = new WebSocketClient();
            client.start();
        }

        @AfterEach
        void stop() throws Exception {
            client.stop();
            server.close();
        }

        private JettyWebSocketConnections.Transfer connect(Service service) throws Exception {
            var transfer = new JettyWebSocketConnections.Transfer();
            client.connect(transfer, URI.create("ws://127.0.0.1:" + server.port() + service.path()))
                    .get();
            return transfer;
        }

        @Test
        void bytesOfBulk() throws Exception {
            var transfer = connect(Service.SINK);
            JettyWebSocketSender sender = transfer.begin(Pattern.MAX_PIECE);
            sender.send(Pattern.piece(0, Pattern.MAX_PIECE));
            sender.send(Pattern.piece(1, Pattern.MAX_PIECE));

            assertThatThrownBy(() -> transfer.end(2 * Pattern.MAX_PIECE)).hasMessageContaining(COMPLAINT);
        }

        @Test
        void aMessage() throws Exception {
            var transfer = connect(Service.MESSAGES);
            transfer.begin(Messages.SMALL).send(ByteBuffer.wrap(Messages.make(Messages.SMALL, 1, 0)));

            assertThatThrownBy(() -> transfer.end(1)).hasMessageContaining("message 0 of 64 bytes is not the one");
        }

        @Test
        void aMessageLess() throws Exception {
            var transfer = connect(Service.MESSAGES);
            transfer.begin(Messages.SMALL).send(ByteBuffer.wrap(Messages.make(Messages.SMALL, 0, 0)));

            assertThatThrownBy(() -> transfer.end(2)).hasMessageContaining("the server received 1");
        }
    }
}
