package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for input is woken when all of it is parsed; one connection's trouble with that is its own. */
@Timeout(30)
class ArrivalsTest {
    private static final byte[] BULK = new byte[8 * 1024];

    @Test
    void anExecutorThatFailsForOneConnectionDoesNotKeepAnotherAsleep() throws Exception {
        AtomicBoolean fails = new AtomicBoolean();
        CompletableFuture<Integer> received = new CompletableFuture<>();
        ConnectionOptions options = ConnectionOptions.defaults().executor(task -> {
            if (fails.compareAndSet(true, false)) {
                throw new IllegalStateException("this executor fails once");
            }
            task.run();
        });
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .acceptor(Acceptor.defaults().options(options))
                        .handleAsync(
                                "/",
                                connection -> connection.listen(data -> {
                                    received.complete(data.remaining());
                                    return null;
                                }))
                        .start();
                RawPeer peer = new RawPeer(server.port())) {
            peer.headers(1, 0).headers(3, 0).flush();
            peer.await(RawPeer.HEADERS);
            peer.await(RawPeer.HEADERS);
            fails.set(true);
            peer.frame(RawPeer.DATA, 0, 1, BULK).frame(RawPeer.DATA, 0, 3, BULK).flush();

            assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo(BULK.length);
        }
    }
}
