package io.h2conn.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CancelAndCloseTest {
    /** Never answers; tells of the request, and of the reset that comes for it. */
    private static final class NeverAnswers implements RawPeer.Script {
        final CountDownLatch requested = new CountDownLatch(1);
        final CompletableFuture<Integer> reset = new CompletableFuture<>();

        @Override
        public void run(RawPeer.Wire wire) throws Exception {
            wire.handshake();
            int stream = wire.await(RawPeer.HEADERS).stream();
            requested.countDown();
            RawPeer.Frame frame = wire.await(RawPeer.RST_STREAM);
            assertThat(frame.stream()).isEqualTo(stream);
            reset.complete(frame.code());
            wire.awaitEnd();
        }

        void assertReset() throws Exception {
            assertThat(reset.get(5, TimeUnit.SECONDS)).isEqualTo(ErrorCode.CANCEL.wire());
        }
    }

    @Test
    void cancellingAConnectResetsItsStream() throws Exception {
        NeverAnswers script = new NeverAnswers();
        try (RawPeer server = new RawPeer(script);
                DuplexClient client = DuplexClient.create()) {
            CompletableFuture<DuplexConnection> connect = client.connectAsync(ConnectRequest.to(server.uri("/")));
            assertThat(script.requested.await(5, TimeUnit.SECONDS)).isTrue();

            connect.cancel(false);

            script.assertReset();
        }
    }

    @Test
    void aTimeoutOfTheFuturesOwnResetsItsStream() throws Exception {
        NeverAnswers script = new NeverAnswers();
        try (RawPeer server = new RawPeer(script);
                DuplexClient client = DuplexClient.create()) {
            CompletableFuture<DuplexConnection> connect =
                    client.connectAsync(ConnectRequest.to(server.uri("/"))).orTimeout(300, TimeUnit.MILLISECONDS);

            assertThatThrownBy(connect::get).hasCauseInstanceOf(TimeoutException.class);
            script.assertReset();
        }
    }

    @Test
    void cancellingWhileTheSessionIsBeingOpenedClosesIt() throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        try (RawPeer server = new RawPeer(wire -> {
                    wire.in.readNBytes(24);
                    connected.countDown();
                    wire.awaitEnd();
                });
                DuplexClient client = DuplexClient.create()) {
            CompletableFuture<DuplexConnection> connect = client.connectAsync(ConnectRequest.to(server.uri("/")));
            assertThat(connected.await(5, TimeUnit.SECONDS)).isTrue();

            connect.cancel(false);

            NoLeaks.eventually("the TCP connection is closed", () -> server.open() == 0);
        }
    }

    @Test
    void anInterruptEndsAConnectAndResetsItsStream() throws Exception {
        NeverAnswers script = new NeverAnswers();
        try (RawPeer server = new RawPeer(script);
                DuplexClient client = DuplexClient.create()) {
            FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
                assertThatThrownBy(() -> client.connect(server.uri("/")))
                        .isExactlyInstanceOf(InterruptedIOException.class)
                        .hasMessageContaining(server.uri("/"));
                return Thread.interrupted();
            });
            Thread connecting = new Thread(interrupted);
            connecting.start();
            assertThat(script.requested.await(5, TimeUnit.SECONDS)).isTrue();

            connecting.interrupt();

            assertThat(interrupted.get(5, TimeUnit.SECONDS)).isTrue();
            script.assertReset();
        }
    }

    @Test
    void cancellingAtAnyMomentLeavesNothingBehind() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            for (int i = 0; i < 300; i++) {
                CompletableFuture<DuplexConnection> connect =
                        client.connectAsync(ConnectRequest.to(server.uri("/echo")));
                long start = System.nanoTime();
                while (System.nanoTime() - start < i * 3_000L) {
                    Thread.onSpinWait();
                }
                if (!connect.cancel(false)) {
                    connect.join().abort();
                }
            }
            NoLeaks.eventually("all streams are gone", () -> server.openStreams() == 0);
            client.connect(server.uri("/echo")).close();
        }
    }

    @Test
    void abortingBeforeThereIsASessionSendsNothing() throws Exception {
        try (JettyPeer server = JettyPeer.clear();
                DuplexClient client = DuplexClient.create()) {
            DuplexConnection connection = client.open(ConnectRequest.to(server.uri("/echo")));
            connection.abort();

            assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
                    .isInstanceOf(ConnectionResetException.class);
            client.connect(server.uri("/echo")).close();
            NoLeaks.eventually("all streams are gone", () -> server.openStreams() == 0);
        }
    }

    @Test
    void closingTheClientEndsWaitingConnects() throws Exception {
        NeverAnswers script = new NeverAnswers();
        try (RawPeer server = new RawPeer(script);
                RawPeer silent = new RawPeer(RawPeerScripts.SILENT)) {
            DuplexClient client = DuplexClient.create();
            CompletableFuture<DuplexConnection> sent = client.connectAsync(ConnectRequest.to(server.uri("/")));
            CompletableFuture<DuplexConnection> opening = client.connectAsync(ConnectRequest.to(silent.uri("/")));
            DuplexConnection early = client.open(ConnectRequest.to(silent.uri("/early")));
            assertThat(script.requested.await(5, TimeUnit.SECONDS)).isTrue();

            client.close();

            assertThat(sent)
                    .failsWithin(1, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(ConnectionClosedException.class);
            assertThat(opening)
                    .failsWithin(1, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(ConnectionClosedException.class);
            assertThatThrownBy(() -> early.read(ByteBuffer.allocate(1))).isInstanceOf(ConnectionClosedException.class);
            script.assertReset();
            NoLeaks.eventually("the TCP connections are closed", () -> server.open() + silent.open() == 0);
        }
    }

    @Test
    void closingTheClientResetsOpenConnections() throws Exception {
        try (JettyPeer server = JettyPeer.clear()) {
            DuplexClient client = DuplexClient.create();
            DuplexConnection connection = client.connect(server.uri("/echo"));

            client.close();
            client.close();

            CloseReason reason = connection.closed().toCompletableFuture().get(5, TimeUnit.SECONDS);
            assertThat(reason.code()).isEqualTo(ErrorCode.CANCEL);
            assertThatThrownBy(() -> client.connect(server.uri("/echo")))
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining(server.uri("/echo"));
            assertThatThrownBy(() -> client.open(ConnectRequest.to(server.uri("/echo"))))
                    .isInstanceOf(ConnectionClosedException.class);
            assertThat(client.connectAsync(ConnectRequest.to(server.uri("/echo"))))
                    .failsWithin(1, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(ConnectionClosedException.class);
            NoLeaks.eventually("the TCP connection is closed", () -> server.openTcpConnections() == 0);
        }
    }

    @Test
    void closingTheClientWaitsForConnectionsThatLinger() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (RawPeer server = new RawPeer(wire -> {
            wire.handshake();
            int stream = wire.await(RawPeer.HEADERS).stream();
            wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
            RawPeer.Frame frame = wire.await(RawPeer.DATA);
            while ((frame.flags() & RawPeer.END_STREAM) == 0) {
                frame = wire.await(RawPeer.DATA);
            }
            goOn.await();
            wire.send(RawPeer.DATA, RawPeer.END_STREAM, stream, "bye".getBytes(UTF_8));
            wire.awaitEnd();
        })) {
            DuplexClient client = DuplexClient.create();
            DuplexConnection connection = client.connect(server.uri("/"));
            connection.output().write("hello".getBytes(UTF_8));
            connection.close();
            Thread closing = new Thread(client::close);
            closing.start();
            closing.join(300);
            assertThat(closing.isAlive()).isTrue();

            goOn.countDown();
            closing.join();

            assertThat(connection
                            .closed()
                            .toCompletableFuture()
                            .get(1, TimeUnit.SECONDS)
                            .isOrderly())
                    .isTrue();
        }
    }

    @Test
    void lingeringEndsWithTheCloseTimeout() throws Exception {
        NeverEnds script = new NeverEnds();
        try (RawPeer server = new RawPeer(script)) {
            DuplexClient client = DuplexClient.builder()
                    .options(ConnectionOptions.defaults().closeTimeout(Duration.ofMillis(300)))
                    .build();
            DuplexConnection connection = client.connect(server.uri("/"));
            connection.close();

            client.close();

            assertThat(connection
                            .closed()
                            .toCompletableFuture()
                            .get(1, TimeUnit.SECONDS)
                            .code())
                    .isEqualTo(ErrorCode.CANCEL);
            assertThat(script.reset.get(5, TimeUnit.SECONDS)).isEqualTo(ErrorCode.CANCEL.wire());
        }
    }

    private static final class NeverEnds implements RawPeer.Script {
        final CompletableFuture<Integer> reset = new CompletableFuture<>();

        @Override
        public void run(RawPeer.Wire wire) throws Exception {
            wire.handshake();
            int stream = wire.await(RawPeer.HEADERS).stream();
            wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
            reset.complete(wire.await(RawPeer.RST_STREAM).code());
            wire.awaitEnd();
        }
    }

    @Test
    void anInterruptedCloseDoesNotWait() throws Exception {
        try (RawPeer server = new RawPeer(new NeverEnds())) {
            DuplexClient client = DuplexClient.create();
            client.connect(server.uri("/")).close();
            long start = System.nanoTime();

            Thread.currentThread().interrupt();
            client.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        }
    }
}
