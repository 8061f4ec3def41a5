package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a message that a write timeout has cut in two. */
@Timeout(30)
class UnsentMessageTest {
    private final DuplexConnection.Pair small =
            DuplexConnection.pair(100, ConnectionOptions.defaults().sendBufferBytes(100));
    private final MessageConnection<String, String> sender =
            MessageConnection.of(small.client(), JsonCodec.of(String.class));
    private final MessageConnection<String, String> receiver =
            MessageConnection.of(small.server(), JsonCodec.of(String.class));

    @AfterEach
    void end() {
        small.client().abort();
        small.server().abort();
    }

    @Test
    void aMessageCutByAWriteTimeoutIsFinishedBeforeTheNext() throws Exception {
        small.client().setWriteTimeout(Duration.ofMillis(20));

        assertThatThrownBy(() -> sender.send("a".repeat(1000)))
                .isInstanceOfSatisfying(
                        ConnectionTimeoutException.class,
                        e -> assertThat(e.bytesTransferred).isBetween(1, 999));
        assertThatThrownBy(() -> sender.send("not sent")).isInstanceOf(ConnectionTimeoutException.class);
        small.client().setWriteTimeout(Duration.ZERO);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                sender.send("next");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        assertThat(receiver.receive()).isEqualTo("a".repeat(1000));
        assertThat(receiver.receive()).isEqualTo("next");
        sent.get(10, TimeUnit.SECONDS);
    }

    @Test
    void theOutputEndsAfterWhatATimeoutHasLeftOver() throws Exception {
        small.client().setWriteTimeout(Duration.ofMillis(20));
        assertThatThrownBy(() -> sender.send("a".repeat(1000))).isInstanceOf(ConnectionTimeoutException.class);
        small.client().setWriteTimeout(Duration.ZERO);

        CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> {
            try {
                sender.closeOutput();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        assertThat(receiver.receive()).isEqualTo("a".repeat(1000));
        assertThat(receiver.receive()).isNull();
        ended.get(10, TimeUnit.SECONDS);
    }

    @Test
    void closingAfterATimeoutInsideAMessageIsNotAnOrderlyEnd() throws Exception {
        small.client().setWriteTimeout(Duration.ofMillis(20));
        assertThatThrownBy(() -> sender.send("a".repeat(1000))).isInstanceOf(ConnectionTimeoutException.class);

        sender.close();

        assertThatThrownBy(receiver::receive).isInstanceOf(ConnectionResetException.class);
    }
}
