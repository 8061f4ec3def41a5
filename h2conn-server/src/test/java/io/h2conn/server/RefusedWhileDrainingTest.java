package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a peer sees that opens a stream when it cannot know yet that the server drains. */
class RefusedWhileDrainingTest {
    @Test
    void aStreamThatCrossesTheGoAwayIsRefusedAndNeverReachesAHandler() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .handle("/", connection -> {
                            handled.incrementAndGet();
                            connection.input().readAllBytes();
                        })
                        .start();
                RawPeer peer = new RawPeer(server.port())) {
            peer.headers(1, 0).flush();
            peer.await(RawPeer.HEADERS);
            CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> drain(server));
            peer.await(RawPeer.GOAWAY);
            peer.headers(3, 0).flush();
            RawPeer.Received reset = peer.await(RawPeer.RST_STREAM);
            assertThat(reset.stream()).isEqualTo(3);
            assertThat(reset.payload().getInt()).isEqualTo(0x7); // REFUSED_STREAM
            peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[0]).flush();
            RawPeer.Received end = peer.await(RawPeer.DATA);
            assertThat(end.flags() & RawPeer.END_STREAM).isNotZero();
            assertThat(Peer.get(drained)).isTrue();
            assertThat(handled).hasValue(1);
        }
    }

    private static boolean drain(DuplexServer server) {
        try {
            return server.drain(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
