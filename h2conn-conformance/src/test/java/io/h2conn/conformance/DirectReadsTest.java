package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexServer;
import java.net.URI;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a thread does that reads the socket itself, beside reading. */
@Timeout(60)
class DirectReadsTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private DuplexServer server;
    private DuplexClient client;
    private URI echo;

    @BeforeEach
    void start() throws Exception {
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .connector(ConnectorOptions.defaults().directReads(true))
                .handle("/", connection -> connection.input().transferTo(connection.output()))
                .start();
        client =
                DuplexClient.builder().directReads(true).maxSessionsPerOrigin(1).build();
        echo = server.uri();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static void exchange(DuplexConnection connection) throws Exception {
        connection.write(ByteBuffer.wrap(new byte[] {42}));
        assertThat(connection.input().read()).isEqualTo(42);
    }

    @Test
    void theThreadThatHasReadConnectsAtOnce() throws Exception {
        try (DuplexConnection first = client.connect(echo)) {
            for (int i = 0; i < 200; i++) {
                exchange(first);
                try (DuplexConnection next = client.connect(echo)) {
                    exchange(next);
                }
            }
        }
    }
}
