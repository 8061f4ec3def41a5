package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static final Duration QUICK = Duration.ofMillis(10);

    private final DuplexConnection.Pair pair = DuplexConnection.pair(1024, ConnectionOptions.defaults());
    private final MessageConnection<String, String> near =
            MessageConnection.of(pair.client(), JsonCodec.of(String.class));

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    @Test
    void aQuietJsonConnectionSendsBlankLines() throws Exception {
        near.keepAlive(QUICK);
        byte[] lines = pair.server().input().readNBytes(3);
        assertThat(lines).containsOnly('\n');
    }

    @Test
    void thePeerReceivesOnlyTheMessages() throws Exception {
        MessageConnection<String, String> far = MessageConnection.of(pair.server(), JsonCodec.of(String.class));
        near.keepAlive(QUICK);
        far.keepAlive(QUICK);
        for (int i = 0; i < 20; i++) {
            near.send("message " + i);
            assertThat(far.receive()).isEqualTo("message " + i);
            if (i % 5 == 0) {
                pair.server().setReadDeadline(Instant.now().plus(QUICK.multipliedBy(5)));
                assertThatThrownBy(far::receive).isInstanceOf(SocketTimeoutException.class);
                pair.server().setReadDeadline(null);
            }
        }
        near.closeOutput();
        assertThat(far.receive()).isNull();
    }

    @Test
    void zeroTurnsItOff() throws Exception {
        near.keepAlive(QUICK);
        pair.server().input().readNBytes(1);
        near.keepAlive(Duration.ZERO);
        // One may have been under way.
        pair.server().setReadTimeout(QUICK.multipliedBy(10));
        ByteBuffer rest = ByteBuffer.allocate(8);
        assertThatThrownBy(() -> {
                    while (pair.server().read(rest) > 0) {
                        assertThat(rest.position()).isLessThan(3);
                    }
                })
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void whatIsLeftOverOfACutMessageGoesBeforeTheBlankLine() throws Exception {
        String large = "x".repeat(400_000); // more than the window and the send buffer
        pair.client().setWriteDeadline(Instant.EPOCH.plusSeconds(1));
        assertThatThrownBy(() -> near.send(large)).isInstanceOf(SocketTimeoutException.class);
        pair.client().setWriteDeadline(null);
        pair.client().setWriteTimeout(Duration.ofMillis(50));
        assertThatThrownBy(() -> near.send(large)).isInstanceOf(SocketTimeoutException.class);
        pair.client().setWriteTimeout(Duration.ZERO);
        near.keepAlive(QUICK);
        MessageConnection<String, String> far = MessageConnection.of(pair.server(), JsonCodec.of(String.class));
        assertThat(far.receive()).isEqualTo(large);
    }

    @Test
    void aFramingWithoutSuchBytesSaysSo() {
        MessageConnection<byte[], byte[]> binary = MessageConnection.of(pair.server(), Codecs.bytes());
        assertThatThrownBy(() -> binary.keepAlive(QUICK))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("has no bytes that mean nothing");
        assertThatThrownBy(() -> near.keepAlive(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.001S");
    }

    @Test
    void itEndsWithTheOutput() throws Exception {
        near.keepAlive(QUICK);
        near.closeOutput();
        for (byte b : pair.server().input().readAllBytes()) {
            assertThat(b).isEqualTo((byte) '\n');
        }
        assertThat(pair.client().isOpen()).isTrue();
    }
}
