package io.h2conn.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** The engine over a transport that answers when the test says so. */
class SendingTest {
    private final Script transport = new Script();
    private final Engine engine = new Engine(transport, ConnectionOptions.defaults(), Engine.Role.CLIENT, "test", 1);

    @Test
    void nothingIsSentBeforeTheHeadersAreOut() throws IOException {
        engine.write(bytes("early"));
        assertThat(transport.sent).isEmpty();

        engine.start(1000, 1000);
        assertThat(transport.sent).containsExactly("early");
    }

    @Test
    void whatIsWrittenWhileAPieceIsUnderWayGoesInOnePiece() throws IOException {
        engine.start(1000, 1000);
        for (String word : List.of("a", "b", "c", "d")) {
            engine.write(bytes(word));
        }
        assertThat(transport.sent).containsExactly("a");

        engine.onSent();
        assertThat(transport.sent).containsExactly("a", "bcd");
    }

    @Test
    void whoWaitsForAnAnswerHurriesTheTransportOnceAPiece() throws Exception {
        engine.start(1000, 1000);
        engine.write(bytes("question"));
        assertThat(transport.hurried).isZero();

        engine.setReadDeadline(Instant.now().plusMillis(20));
        assertThatThrownBy(() -> engine.read(ByteBuffer.allocate(1))).isInstanceOf(ConnectionTimeoutException.class);
        assertThat(transport.hurried).isOne();
        assertThat(transport.forBlocking).isTrue();

        engine.setReadDeadline(Instant.now().plusMillis(20));
        assertThatThrownBy(() -> engine.read(ByteBuffer.allocate(1))).isInstanceOf(ConnectionTimeoutException.class);
        assertThat(transport.hurried).isOne();

        engine.onSent();
        engine.setReadDeadline(null);
        engine.write(bytes("another"));
        CompletableFuture<?> unused = engine.readAsync();
        assertThat(transport.hurried).isEqualTo(2);
        assertThat(transport.forBlocking).isFalse();
    }

    @Test
    void aFlushAndAnEndHurryTheTransport() throws Exception {
        engine.start(1000, 1000);
        engine.write(bytes("a"));
        engine.setWriteDeadline(Instant.now().plusMillis(20));
        assertThatThrownBy(engine::flush).isInstanceOf(ConnectionTimeoutException.class);
        assertThat(transport.hurried).isOne();
        assertThat(transport.forBlocking).isTrue();

        engine.onSent();
        engine.setWriteDeadline(null);
        engine.write(bytes("b"));
        engine.closeOutput();
        assertThat(transport.hurried).isEqualTo(2);
        assertThat(transport.forBlocking).isFalse();
    }

    @Test
    void theEndTravelsWithTheLastPiece() throws IOException {
        engine.start(1000, 1000);
        engine.write(bytes("a"));
        engine.write(bytes("b"));
        engine.closeOutput();
        engine.onSent();

        assertThat(transport.sent).containsExactly("a", "b END");
    }

    @Test
    void aLossThatOvertakesTheAnswerToTheLastWriteIsNone() throws Exception {
        engine.start(1000, 1000);
        engine.onEnd();
        engine.closeOutput();
        engine.onFailure(loss("TCP end"));
        assertThatThrownBy(() -> engine.closed().toCompletableFuture().get(50, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        engine.onSent();

        assertThat(reason().isOrderly()).isTrue();
    }

    @Test
    void aLossThatCutsTheLastWriteOffIsReportedAsItself() throws Exception {
        engine.start(1000, 1000);
        engine.onEnd();
        engine.closeOutput();
        engine.onFailure(loss("TCP reset"));
        engine.onSendFailed(new IOException("broken pipe"));

        assertThat(String.valueOf(reason().failure())).contains("TCP reset");
    }

    @Test
    void aLossWithoutAnAnswerToTheLastWriteIsReportedAllTheSame() throws Exception {
        engine.start(1000, 1000);
        engine.onEnd();
        engine.closeOutput();
        engine.onFailure(loss("TCP end"));

        assertThat(String.valueOf(reason().failure())).contains("TCP end");
        engine.onSendFailed(new IOException("at last"));
    }

    @Test
    void aBufferComesBackOnlyWhenItsWriteIsAnswered() throws IOException {
        long before = BufferPool.outstanding();
        engine.start(1000, 1000);
        engine.write(bytes("a"));
        engine.abort();
        assertThat(BufferPool.outstanding()).isEqualTo(before + 1);

        engine.onSendFailed(new IOException("reset"));
        assertThat(BufferPool.outstanding()).isEqualTo(before);
        assertThat(transport.resets).containsExactly(ErrorCode.CANCEL);
    }

    @Test
    void theResetGoesOutBeforeTheTransportIsToldThatAllIsOver() {
        engine.start(1000, 1000);
        engine.abort();

        assertThat(transport.calls).containsExactly("reset", "ended");
    }

    @Test
    void aTransportThatThrowsFailsTheConnectionForEverybodyWhoWaits() throws Exception {
        long before = BufferPool.outstanding();
        engine.start(1000, 1000);
        IllegalStateException onPurpose = new IllegalStateException("on purpose");
        transport.whileSending = () -> {
            throw onPurpose;
        };
        engine.write(bytes("a"));

        assertThatThrownBy(engine::flush)
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("on purpose")
                .hasRootCause(onPurpose);
        assertThat(reason().bytesNotDelivered()).isEqualTo(1);
        assertThat(BufferPool.outstanding()).isEqualTo(before);
    }

    @Test
    void whatATransportThrowsAfterItsAnswerTakesNothingBack() throws IOException {
        long before = BufferPool.outstanding();
        engine.start(1000, 1000);
        transport.whileSending = () -> {
            engine.onSent();
            throw new IllegalStateException("after the answer");
        };
        engine.write(bytes("a"));
        assertThat(BufferPool.outstanding()).isEqualTo(before);

        engine.write(bytes("b"));
        engine.onSent();
        engine.flush();
        assertThat(transport.sent).containsExactly("a", "b");
        assertThat(BufferPool.outstanding()).isEqualTo(before);
    }

    @Test
    void whatATransportThrowsAfterAnotherThreadsAnswerDoesNotTouchTheNextPiece() throws IOException {
        long before = BufferPool.outstanding();
        engine.start(1000, 1000);
        transport.whileSending = () -> {
            writeUnchecked("b");
            CompletableFuture.runAsync(engine::onSent).join();
            throw new IllegalStateException("after the answer");
        };
        engine.write(bytes("a"));
        assertThat(transport.sent).containsExactly("a", "b");
        assertThat(BufferPool.outstanding()).isEqualTo(before + 1);

        engine.onSent();
        engine.flush();
        assertThat(engine.isOpen()).isTrue();
        assertThat(BufferPool.outstanding()).isEqualTo(before);
    }

    @Test
    void aCloseThatCutsAWriteEndsAsynchronousCallsAsItEndsBlockedOnes() {
        Engine small =
                new Engine(transport, ConnectionOptions.defaults().sendBufferBytes(1), Engine.Role.CLIENT, "test", 2);
        small.start(1000, 1000);
        CompletableFuture<?> read = small.readAsync();
        CompletableFuture<?> write = small.writeAsync(bytes("too much"));

        CompletableFuture<?> closed = small.closeAsync();

        assertThat(transport.resets).containsExactly(ErrorCode.CANCEL);
        assertThat(read)
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(ConnectionClosedException.class);
        assertThat(write)
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(ConnectionClosedException.class);
        assertThat(closed)
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(ConnectionResetException.class);
        small.onSendFailed(new IOException("reset"));
    }

    private void writeUnchecked(String text) {
        try {
            engine.write(bytes(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CloseReason reason() throws Exception {
        return engine.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static ConnectionLostException loss(String message) {
        return new ConnectionLostException(message, Origin.NETWORK, null, false, null);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
