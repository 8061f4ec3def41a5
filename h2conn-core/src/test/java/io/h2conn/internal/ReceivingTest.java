package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What the engine makes of what a transport delivers. */
class ReceivingTest {
    private static final int WINDOW = 64 * 1024;
    private static final int MAX_WINDOW = 1024 * 1024;

    private final Script transport = new Script();
    private final Engine engine = engine(ConnectionOptions.defaults());

    private Engine engine(ConnectionOptions options) {
        Engine made = new Engine(transport, options, Engine.Role.SERVER, "test", 1);
        made.start(WINDOW, MAX_WINDOW);
        return made;
    }

    @Test
    void aWindowThatIsConsumedQuicklyDoublesUpToItsBound() throws IOException {
        long consumed = 0;
        long window = WINDOW;
        while (window < MAX_WINDOW) {
            // Less than 200 milliseconds of work, unless the machine stands still; then the next one is.
            consumed += consume((int) (window / 2));
            window = WINDOW + transport.credit - consumed;
            assertThat(window).isLessThanOrEqualTo(MAX_WINDOW);
        }

        consumed += consume(MAX_WINDOW / 2 - 1);
        assertThat(WINDOW + transport.credit - consumed).isEqualTo(MAX_WINDOW - (MAX_WINDOW / 2 - 1));
        consumed += consume(1);
        assertThat(WINDOW + transport.credit - consumed).isEqualTo(MAX_WINDOW);
    }

    @Test
    void aWindowThatIsConsumedSlowlyStaysAsItIs() throws Exception {
        consume(WINDOW / 2 - 1);
        Thread.sleep(250); // what this test is about: longer than the time in which windows grow
        consume(1);

        assertThat(transport.credit).isEqualTo(WINDOW / 2);
    }

    @Test
    void afterAnAbortReadsSayThatItWasThat() throws Exception {
        engine.onData(chunk(3), false);
        engine.onEnd();
        engine.closeOutput();
        engine.onSent();
        engine.abort(ErrorCode.CANCEL);

        assertThatThrownBy(() -> engine.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessageContaining("abort()");
    }

    private int consume(int bytes) throws IOException {
        engine.onData(chunk(bytes), false);
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            engine.read(buffer);
        }
        return bytes;
    }

    @Test
    void aCallThatALossEndsSaysSoEvenIfTheConnectionIsClosedBeforeItWakes() throws Exception {
        ConnectionLostException loss = new ConnectionLostException("gone", Origin.NETWORK, null, false, null);
        for (int i = 0; i < 200; i++) { // the reader's thread may be as quick as this one
            Engine lost = engine(ConnectionOptions.defaults());
            FutureTask<Integer> reader = startReader(lost);

            lost.onFailure(loss);
            var unused = lost.closeAsync(); // as whoever is told of the loss does

            assertThat(reader)
                    .failsWithin(10, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(ConnectionLostException.class);
            assertThatThrownBy(() -> lost.read(ByteBuffer.allocate(1))).isInstanceOf(ConnectionClosedException.class);
        }
    }

    @Test
    void aReaderIsWokenWhenTheTransportPauses() throws Exception {
        FutureTask<Integer> reader = startReader();

        assertThat(engine.onData(chunk(100), true)).isTrue();
        assertThat(engine.onData(chunk(200), true)).isFalse(); // the one pause to come is enough
        assertThat(engine.hasWaitingReaders()).isTrue();
        engine.onPause();

        assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(300);
    }

    @Test
    void aReaderIsWokenByMuchWhateverElseMayFollow() throws Exception {
        FutureTask<Integer> reader = startReader();

        engine.onData(chunk(60_000), true);
        assertThat(engine.onData(chunk(60_000), true)).isFalse();

        assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(120_000);
        engine.onPause(); // comes too late, and changes nothing
        assertThat(engine.hasWaitingReaders()).isFalse();
    }

    @Test
    void aReaderIsWokenByTheEndAndGetsWhatCameBefore() throws Exception {
        FutureTask<Integer> reader = startReader();

        assertThat(engine.onData(chunk(100), true)).isTrue();
        engine.onEnd();

        assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(100);
    }

    @Test
    void aReaderThatComesBeforeThePauseDoesNotWaitForIt() throws Exception {
        assertThat(engine.onData(chunk(100), true)).isTrue();

        assertThat(engine.read(ByteBuffer.allocate(1000))).isEqualTo(100);
    }

    @Test
    void aListenerThatNeedsNoThreadDoesNotWaitForThePause() {
        Engine direct = engine(ConnectionOptions.defaults().nonBlockingCallbacks(true));
        AtomicInteger received = new AtomicInteger();
        CompletableFuture<?> unused = direct.listen(data -> {
            received.addAndGet(data.remaining());
            return null;
        });

        assertThat(direct.onData(chunk(100), true)).isFalse();
        assertThat(received).hasValue(100);
    }

    @Test
    void whatIsUnreadWhenTheConnectionFailsIsGivenBackByAnAbort() {
        AtomicInteger released = new AtomicInteger();
        engine.onData(chunk(10_000, released::incrementAndGet), false);
        engine.onEnd();
        engine.onPeerReset(ErrorCode.NO_ERROR);
        assertThat(released).hasValue(0); // it came before the end, and stays readable

        engine.abort();
        engine.abort();

        assertThat(released).hasValue(1);
        assertThatThrownBy(() -> engine.read(ByteBuffer.allocate(1)))
                .isInstanceOfSatisfying(
                        ConnectionResetException.class,
                        e -> assertThat(e.origin()).isEqualTo(Origin.PEER));
    }

    private FutureTask<Integer> startReader() {
        return startReader(engine);
    }

    private static FutureTask<Integer> startReader(Engine engine) {
        FutureTask<Integer> reader = new FutureTask<>(() -> engine.read(ByteBuffer.allocate(1_000_000)));
        Thread thread = new Thread(reader);
        thread.setDaemon(true);
        thread.start();
        while (!engine.hasWaitingReaders()) {
            LockSupport.parkNanos(10_000);
        }
        return reader;
    }

    private static Chunk chunk(int bytes) {
        return chunk(bytes, () -> {}); // heap memory: nobody wants it back
    }

    private static Chunk chunk(int bytes, Runnable onRelease) {
        ByteBuffer data = ByteBuffer.allocate(bytes);
        return new Chunk() {
            @Override
            public ByteBuffer data() {
                return data;
            }

            @Override
            public void release() {
                onRelease.run();
            }
        };
    }
}
