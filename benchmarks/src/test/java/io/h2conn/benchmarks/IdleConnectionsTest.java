package io.h2conn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.Footprint.Fact;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.Acceptor;
import io.h2conn.server.DuplexServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What idle connections hold, counted; both ends are in this process. */
@Timeout(120)
class IdleConnectionsTest {
    private static final int PER_SESSION = 500;
    private static final ConnectionOptions NON_BLOCKING =
            ConnectionOptions.defaults().nonBlockingCallbacks(true);

    /** Bytes of heap. Both ends together hold about 3,100, of which Jetty's objects are 1,500. */
    private static final long MOST_FOR_BOTH_ENDS = 3_500;

    private final List<DuplexConnection> connections = new ArrayList<>();
    private DuplexServer server;
    private DuplexClient client;

    @BeforeEach
    void start() throws Exception {
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .acceptor(Acceptor.defaults().options(NON_BLOCKING))
                .handleAsync("/echo", connection -> connection.listen(connection::writeAsync))
                .start();
        client = DuplexClient.builder()
                .maxConnectionsPerSession(PER_SESSION)
                .maxSessionsPerOrigin(20)
                .options(NON_BLOCKING)
                .build();
        open(2 * PER_SESSION); // what is made once is there from now on
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private void open(int count) {
        ConnectRequest request = ConnectRequest.to(server.uri().resolve("/echo"));
        List<CompletableFuture<DuplexConnection>> opening = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            opening.add(client.connectAsync(request));
        }
        opening.forEach(future -> connections.add(future.join()));
    }

    @Test
    void tenThousandConnectionsNeedNoMoreThreadsThanAThousand() throws Exception {
        Footprint before = Footprint.ofThisProcess();

        open(9_000);

        assertThat(connections).hasSize(10_000).allMatch(DuplexConnection::isOpen);
        // Pools may take a moment to shrink or may have grown by a thread or two for the burst of connects.
        assertThat(Footprint.ofThisProcess().get(Fact.THREADS)).isLessThan(before.get(Fact.THREADS) + 10);
    }

    @Test
    void anIdleConnectionIsSmall() throws Exception {
        Footprint before = Footprint.ofThisProcess();

        open(2_000);

        Map<String, Long> growth = Footprint.ofThisProcess().growthByClass(before);
        growth.remove("[B"); // the pools of network buffers, above all, which do not grow with connections
        long bytes = growth.values().stream().mapToLong(Long::longValue).sum();
        assertThat(bytes / 2_000).as("bytes by class: %s", growth).isLessThan(MOST_FOR_BOTH_ENDS);
    }

    @Test
    void aConnectionThatIsQuietAgainHoldsNothingOfItsTraffic() throws Exception {
        for (DuplexConnection connection : connections) {
            for (int i = 0; i < 10; i++) {
                connection.write(ByteBuffer.allocate(100)); // comes back in pieces that are copied while they wait
            }
            connection.write(ByteBuffer.allocate(10_000));
            connection.flush();
        }
        for (DuplexConnection connection : connections) {
            connection.input().readNBytes(11_000);
        }

        Footprint after = Footprint.ofThisProcess();

        assertThat(after.get(Fact.BUFFERS)).isZero();
        assertThat(after.classes())
                .doesNotContainKey("io.h2conn.internal.ReceiveQueue$Copy")
                .doesNotContainKey("io.h2conn.jetty.DataChunk");
    }
}
