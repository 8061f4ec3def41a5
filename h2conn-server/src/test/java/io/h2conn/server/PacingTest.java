package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.Origin;
import io.h2conn.internal.BufferPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What waits for the peer's window (RFC 9113, section 5.2) waits outside of Jetty, which would look at all of it whenever
 * another stream writes; and whatever comes meanwhile, it is sent whole or answered with what came.
 */
class PacingTest {
    private static final int INITIAL_WINDOW_SIZE = 0x4;
    private static final int BYTES = 40_000;

    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
    private DuplexServer server;

    @BeforeEach
    void start() throws IOException {
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .acceptor(Acceptor.defaults()
                        .options(ConnectionOptions.defaults()
                                .sendBufferBytes(2 * BYTES)
                                .closeTimeout(Duration.ofMillis(200))))
                .handleAsync("/", connection -> {
                    accepted.add(connection);
                    return new CompletableFuture<>();
                })
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        await(() -> BufferPool.outstanding() == 0);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private RawPeer peer(int window) throws IOException {
        RawPeer peer = new RawPeer(server.port());
        credit(peer, 0, 1 << 30);
        return initialWindow(peer, window).headers(1, 0).flush();
    }

    private static RawPeer initialWindow(RawPeer peer, int window) {
        byte[] setting = ByteBuffer.allocate(6)
                .putShort((short) INITIAL_WINDOW_SIZE)
                .putInt(window)
                .array();
        return peer.frame(RawPeer.SETTINGS, 0, 0, setting);
    }

    private static RawPeer credit(RawPeer peer, int stream, int bytes) {
        return peer.frame(
                RawPeer.WINDOW_UPDATE,
                0,
                stream,
                ByteBuffer.allocate(4).putInt(bytes).array());
    }

    private DuplexConnection connection() throws InterruptedException {
        DuplexConnection connection = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(connection).isNotNull();
        return connection;
    }

    private static byte[] bytes() {
        byte[] bytes = new byte[BYTES];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** Reads data until so many bytes are there. */
    private static byte[] data(RawPeer peer, int bytes) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(bytes);
        while (all.hasRemaining()) {
            all.put(peer.await(RawPeer.DATA).payload());
        }
        return all.array();
    }

    private HTTP2Session session() {
        return ((HTTP2Connection) server.jetty().getConnectors()[0].getConnectedEndPoints().stream()
                        .findFirst()
                        .orElseThrow()
                        .getConnection())
                .getSession();
    }

    @ParameterizedTest(name = "{0} bytes of window")
    @ValueSource(ints = {0, 1, 16_384, BYTES - 1})
    void jettyHasNothingThatItCannotSend(int window) throws Exception {
        try (RawPeer peer = peer(window)) {
            DuplexConnection connection = connection();
            byte[] bytes = bytes();
            connection.write(ByteBuffer.wrap(bytes));

            assertThat(data(peer, window)).isEqualTo(Arrays.copyOf(bytes, window));
            assertThat(session().dump()).contains("processed/pending=");
            await(() -> session().dump().contains("processed/pending=0/0"));
            credit(peer, 1, BYTES).flush();
            assertThat(data(peer, BYTES - window)).isEqualTo(Arrays.copyOfRange(bytes, window, BYTES));
            connection.abort();
        }
    }

    @Test
    void aWindowThatTheSettingsOpenLetsGoWhatWaits() throws Exception {
        try (RawPeer peer = peer(10)) {
            DuplexConnection connection = connection();
            byte[] bytes = bytes();
            connection.write(ByteBuffer.wrap(bytes));
            byte[] begin = data(peer, 10);
            initialWindow(peer, 0).flush(); // 10 less than nothing
            credit(peer, 1, 11).flush();
            byte[] middle = data(peer, 1);
            initialWindow(peer, BYTES).flush();

            assertThat(concat(begin, middle, data(peer, BYTES - 11))).isEqualTo(bytes);
            connection.abort();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void everyByteAndTheTrailersComeInOrderHoweverTheWindowOpens(long seed) throws Exception {
        Random random = new Random(seed);
        try (RawPeer peer = peer(random.nextInt(100))) {
            DuplexConnection connection = connection();
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            CompletableFuture<?> writing = inThread(() -> {
                for (int i = 0; i < 40; i++) {
                    byte[] bytes = Arrays.copyOf(bytes(), 1 + i * 100);
                    sent.writeBytes(bytes);
                    connection.write(ByteBuffer.wrap(bytes));
                }
                connection.closeOutput(HttpHeaders.of(Map.of("sum", List.of("1")), (name, value) -> true));
                return null;
            });
            CompletableFuture<byte[]> reading = inThread(() -> readToTheEnd(peer));
            int settings = 0;
            while (!reading.isDone()) {
                if (settings < 30 && random.nextInt(4) == 0) {
                    initialWindow(peer, random.nextInt(1_000));
                    settings++; // of which a peer may not send many
                }
                credit(peer, 1, 1 + random.nextInt(2_000)).flush();
                LockSupport.parkNanos(random.nextInt(200_000));
            }
            Peer.get(writing);
            assertThat(Peer.get(reading)).isEqualTo(sent.toByteArray());
            connection.abort();
        }
    }

    private static byte[] readToTheEnd(RawPeer peer) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        int responses = 0;
        while (true) {
            RawPeer.Received frame = peer.next();
            if (frame.type() == RawPeer.DATA) {
                assertThat(frame.flags() & RawPeer.END_STREAM).isZero();
                received.write(frame.payload().array());
            } else if (frame.type() == RawPeer.HEADERS && ++responses == 2) {
                assertThat(frame.flags() & RawPeer.END_STREAM).isNotZero();
                return received.toByteArray();
            }
        }
    }

    /** A byte at a time, each with credit of its own that comes at about the moment when it is written. */
    @Test
    void noWakeUpIsLost() throws Exception {
        int rounds = 20_000;
        try (RawPeer peer = peer(0)) {
            DuplexConnection connection = connection();
            connection.setWriteTimeout(Duration.ofSeconds(10));
            CompletableFuture<?> writing = inThread(() -> {
                Random random = new Random(7);
                for (int i = 0; i < rounds; i++) {
                    connection.write(ByteBuffer.wrap(new byte[] {(byte) i}));
                    connection.flush();
                    long until = System.nanoTime() + random.nextInt(60_000);
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                }
                return null;
            });
            for (int i = 0; i < rounds; i++) {
                credit(peer, 1, 1).flush();
                assertThat(data(peer, 1)).containsExactly(i);
            }
            Peer.get(writing);
            connection.abort();
        }
    }

    enum Ending {
        OUR_ABORT(Origin.LOCAL, ConnectionResetException.class) {
            @Override
            void end(PacingTest test, RawPeer peer, DuplexConnection connection) {
                connection.abort();
            }
        },
        OUR_CLOSE(Origin.LOCAL, ConnectionTimeoutException.class) {
            @Override
            void end(PacingTest test, RawPeer peer, DuplexConnection connection) {
                assertThatThrownBy(connection::close).isInstanceOf(IOException.class);
            }
        },
        PEERS_RESET(Origin.PEER, ConnectionResetException.class) {
            @Override
            void end(PacingTest test, RawPeer peer, DuplexConnection connection) throws IOException {
                peer.frame(RawPeer.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8}).flush();
            }
        },
        PEERS_RESET_WITH_CREDIT(Origin.PEER, ConnectionResetException.class) {
            @Override
            void end(PacingTest test, RawPeer peer, DuplexConnection connection) throws IOException {
                credit(peer, 1, BYTES / 2)
                        .frame(RawPeer.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8})
                        .flush();
            }
        },
        TCP_END(Origin.NETWORK, ConnectionLostException.class) {
            @Override
            void end(PacingTest test, RawPeer peer, DuplexConnection connection) throws IOException {
                peer.close();
            }
        },
        SERVER_STOP(Origin.LOCAL, ConnectionLostException.class) {
            @Override
            void end(PacingTest test, RawPeer peer, DuplexConnection connection) throws Exception {
                test.server.jetty().stop();
            }
        };

        private final Origin origin;
        private final Class<? extends IOException> failure;

        Ending(Origin origin, Class<? extends IOException> failure) {
            this.origin = origin;
            this.failure = failure;
        }

        abstract void end(PacingTest test, RawPeer peer, DuplexConnection connection) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void whatWaitsIsAnsweredWhenItsStreamEnds(Ending ending) throws Exception {
        try (RawPeer peer = peer(100)) {
            DuplexConnection connection = connection();
            connection.write(ByteBuffer.wrap(bytes()));
            byte[] begin = data(peer, 100);
            assertThat(begin).hasSize(100);
            ending.end(this, peer, connection);

            CloseReason reason = Peer.get(connection.closed().toCompletableFuture());
            assertThat(reason.origin()).isEqualTo(ending.origin);
            assertThat(reason.failure()).isInstanceOf(ending.failure);
            assertThat(reason.bytesNotDelivered()).isPositive();
            await(() -> BufferPool.outstanding() == 0);
        }
    }

    @Test
    void creditAndResetsFromBothSidesAtOnceLeaveNothingBehind() throws Exception {
        Random random = new Random(3);
        try (RawPeer peer = peer(0)) {
            DuplexConnection first = connection();
            for (int stream = 3; stream < 150; stream += 2) {
                peer.headers(stream, 0).flush();
                DuplexConnection connection = connection();
                connection.write(ByteBuffer.wrap(bytes()));
                CompletableFuture<?> aborting = inThread(() -> {
                    connection.abort();
                    return null;
                });
                credit(peer, stream, 1 + random.nextInt(BYTES));
                if (random.nextBoolean()) {
                    peer.frame(RawPeer.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
                }
                peer.flush();
                Peer.get(aborting);
                assertThat(Peer.get(connection.closed().toCompletableFuture()).failure())
                        .isInstanceOf(ConnectionResetException.class);
            }
            await(() -> BufferPool.outstanding() == 0);
            assertThat(first.isOpen()).isTrue();
            first.abort();
        }
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static <T> CompletableFuture<T> inThread(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                },
                "pacing");
        thread.setDaemon(true);
        thread.start();
        return result;
    }
}
