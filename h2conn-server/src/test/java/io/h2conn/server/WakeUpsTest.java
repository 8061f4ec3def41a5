package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an exchange of small messages costs a server whose handlers do not block. */
@Timeout(30)
class WakeUpsTest {
    private static final int EXCHANGES = 200;
    private static final byte[] MESSAGE = "a message of a few bytes".getBytes(UTF_8);

    private final QueuedThreadPool threads = new QueuedThreadPool();
    private final Server server = new Server(threads);
    private final CountingConnector connector = new CountingConnector(server);
    private final AtomicInteger handOvers = new AtomicInteger();

    @BeforeEach
    void start() throws Exception {
        threads.setReservedThreads(0);
        DuplexConnector.configure(connector);
        server.addConnector(connector);
        server.setHandler(DuplexHandler.async(
                connection -> connection.listen(message -> {
                    if (!Thread.currentThread().equals(connector.reader)) {
                        handOvers.incrementAndGet();
                    }
                    return connection.writeAsync(message);
                }),
                Acceptor.defaults().options(ConnectionOptions.defaults().nonBlockingCallbacks(true))));
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void anExchangeIsAtMostOneWakeUpAndOneWriteOnTheThreadThatReads() throws Exception {
        try (RawPeer peer = new RawPeer(connector.getLocalPort())) {
            peer.headers(1, 0).flush();
            peer.await(RawPeer.HEADERS);
            connector.reset();
            handOvers.set(0);
            for (int i = 0; i < EXCHANGES; i++) {
                peer.frame(RawPeer.DATA, 0, 1, MESSAGE).flush();
                assertThat(peer.await(RawPeer.DATA).payload().remaining()).isEqualTo(MESSAGE.length);
            }
        }

        assertThat(connector.writes.get()).isEqualTo(EXCHANGES);
        // Fewer if the next message is there before the selector is asked; the end of the TCP connection may be one
        // more.
        assertThat(connector.selections.get()).isBetween(1, EXCHANGES + 1);
        assertThat(handOvers.get()).isZero();
    }
}
