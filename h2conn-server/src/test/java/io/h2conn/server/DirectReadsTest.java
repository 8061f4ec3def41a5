package io.h2conn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that read the socket themselves. */
@Timeout(60)
class DirectReadsTest {
    private static final ConnectorOptions DIRECT = ConnectorOptions.defaults().directReads(true);
    private static final byte[] BYTE = {42};

    private final Server server = new Server();
    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
    private final BlockingQueue<Thread> readers = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    /** A Jetty server of the user's own. */
    private int serve(ConnectorOptions options) throws Exception {
        return serve(options, DuplexHandler.async(connection -> {
            accepted.add(connection);
            return new CompletableFuture<>();
        }));
    }

    private int serve(ConnectorOptions options, Handler handler) throws Exception {
        ServerConnector connector =
                DuplexConnector.create(server, options, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
        return connector.getLocalPort();
    }

    private DuplexConnection accepted() throws InterruptedException {
        DuplexConnection connection = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(connection).isNotNull();
        return connection;
    }

    /** Reads a byte after the other, on a thread of its own, and writes each back. */
    private Thread echo(DuplexConnection connection) {
        Thread thread = new Thread(
                () -> {
                    ByteBuffer buffer = ByteBuffer.allocate(1);
                    try {
                        while (connection.read(buffer.clear()) > 0) {
                            connection.write(buffer.flip());
                        }
                    } catch (IOException e) {
                        // The test has ended it.
                    }
                },
                "echo");
        thread.setDaemon(true);
        thread.start();
        readers.add(thread);
        return thread;
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(() -> DuplexConnections.of(server).dump())
                    .isLessThan(deadline);
            LockSupport.parkNanos(10_000);
        }
    }

    private static boolean leads(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith(".SocketLead"));
    }

    /** Waits until the reader of stream 1 leads; if that is over before it was seen, gives it something to do. */
    private void awaitLead(Thread reader, RawPeer peer) {
        await(() -> {
            if (parks(reader)) {
                try {
                    exchange(peer, 1);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
            return leads(reader);
        });
    }

    private static boolean parks(Thread thread) {
        return thread.getState() == Thread.State.WAITING && !leads(thread);
    }

    private static void exchange(RawPeer peer, int stream) throws IOException {
        peer.frame(RawPeer.DATA, 0, stream, BYTE).flush();
        assertThat(peer.await(RawPeer.DATA).payload().array()).isEqualTo(BYTE);
    }

    @Test
    void aLoneReaderWaitsOnTheSocketAndParksWhenNothingComes() throws Exception {
        try (RawPeer peer = new RawPeer(serve(DIRECT))) {
            peer.headers(1, 0).flush();
            Thread reader = echo(accepted());
            awaitLead(reader, peer);
            await(() -> parks(reader));
            exchange(peer, 1);
            awaitLead(reader, peer);
        }
    }

    @Test
    void aReaderAmongOthersIsWokenAsEver() throws Exception {
        try (RawPeer peer = new RawPeer(serve(DIRECT))) {
            peer.headers(1, 0).headers(3, 0).flush();
            Thread first = echo(accepted());
            await(() -> parks(first));
            Thread second = echo(accepted());
            await(() -> parks(second));
            for (int i = 0; i < 1_000; i++) {
                exchange(peer, 1 + 2 * (i % 2));
            }
            await(() -> parks(first) && parks(second));
        }
    }

    @Test
    void withoutTheOptionNobodyLeads() throws Exception {
        try (RawPeer peer = new RawPeer(serve(ConnectorOptions.defaults().directReads(false)))) {
            peer.headers(1, 0).flush();
            Thread reader = echo(accepted());
            for (int i = 0; i < 100; i++) {
                exchange(peer, 1);
                assertThat(leads(reader)).isFalse();
            }
        }
    }

    /** How somebody waits on another connection of the session, and waits no more. */
    enum Company {
        CANCELLED {
            @Override
            void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) throws Exception {
                CompletableFuture<?> read = connection.readAsync();
                assertThat(read.cancel(true)).isTrue();
                peer.frame(RawPeer.DATA, 0, stream, BYTE).flush();
                assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
            }
        },
        REPLACED {
            @Override
            void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) throws Exception {
                assertThat(connection.readAsync().cancel(true)).isTrue();
                CompletableFuture<ByteBuffer> next = connection.readAsync();
                peer.frame(RawPeer.DATA, 0, stream, BYTE).flush();
                assertThat(Peer.get(next).get()).isEqualTo(BYTE[0]);
            }
        },
        ABORTED {
            @Override
            void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) {
                CompletableFuture<?> read = connection.readAsync();
                connection.abort();
                assertThatThrownBy(() -> Peer.get(read)).isInstanceOf(ConnectionResetException.class);
            }
        },
        LISTENER_AND_ABORT {
            @Override
            void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) {
                CompletableFuture<?> done = connection.listen(data -> null);
                connection.abort();
                assertThatThrownBy(() -> Peer.get(done)).isInstanceOf(ConnectionResetException.class);
            }
        },
        LISTENER_AND_END {
            @Override
            void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) throws Exception {
                CompletableFuture<?> done = connection.listen(data -> null);
                peer.frame(RawPeer.DATA, RawPeer.END_STREAM, stream, BYTE).flush();
                Peer.get(done);
            }
        },
        READER_THAT_IS_LATE {
            @Override
            void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) {
                connection.setReadTimeout(Duration.ofMillis(20));
                assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
                        .isInstanceOf(ConnectionTimeoutException.class);
            }
        };

        abstract void comeAndGo(DuplexConnection connection, RawPeer peer, int stream) throws Exception;
    }

    /** Otherwise the session would never be read directly again. */
    @ParameterizedTest
    @EnumSource(Company.class)
    void aReaderLeadsAgainWhenItsCompanyIsGone(Company company) throws Exception {
        try (RawPeer peer = new RawPeer(serve(DIRECT))) {
            peer.headers(1, 0).flush();
            Thread reader = echo(accepted());
            exchange(peer, 1);
            awaitLead(reader, peer);
            peer.headers(3, 0).flush();
            company.comeAndGo(accepted(), peer, 3);
            awaitLead(reader, peer);
        }
    }

    /** Whoever has led may be away for long; the session is looked after. */
    @Test
    void pingsNewStreamsAndWindowsAreServedWhileTheReaderIsAway() throws Exception {
        try (RawPeer peer = new RawPeer(serve(DIRECT))) {
            peer.headers(1, 0).flush();
            DuplexConnection connection = accepted();
            for (int i = 0; i < 100; i++) {
                peer.frame(RawPeer.DATA, 0, 1, BYTE).flush();
                assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
                peer.frame(6, 0, 0, new byte[8]).flush();
                peer.await(6);
            }
            peer.frame(RawPeer.DATA, 0, 1, BYTE).flush();
            assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
            peer.headers(3, 0).flush();
            accepted().abort();

            // More than the window, while this thread has just led: it waits for the credit, which somebody must read.
            peer.frame(RawPeer.DATA, 0, 1, BYTE).flush();
            assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);
            CompletableFuture<Integer> received = new CompletableFuture<>();
            Thread crediting = new Thread(() -> credit(peer, 1_000_000, received));
            crediting.start();
            connection.write(ByteBuffer.allocate(1_000_000));
            connection.flush();
            assertThat(Peer.get(received)).isEqualTo(1_000_000);
        }
    }

    /** Jetty lets a thread that finds a request run its handler, too, when it has another to go on with the socket. */
    @Test
    void aReaderRunsNoHandlerOfOthers() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        BlockingQueue<Thread> handlers = new LinkedBlockingQueue<>();
        Handler blocking = new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                handlers.add(Thread.currentThread());
                if (handlers.size() == 1) {
                    accepted.add(Acceptor.defaults().accept(request, response, callback));
                } else {
                    released.await();
                    callback.succeeded();
                }
                return true;
            }
        };
        try (RawPeer peer = new RawPeer(serve(DIRECT, blocking))) {
            peer.headers(1, 0).flush();
            Thread reader = echo(accepted());
            for (int others = 1; others < 10; others++) {
                exchange(peer, 1);
                awaitLead(reader, peer);
                peer.headers(1 + 2 * others, RawPeer.END_STREAM).flush();
                int all = 1 + others;
                await(() -> handlers.size() == all);
            }
            exchange(peer, 1);
            assertThat(handlers).doesNotContain(reader);
        } finally {
            released.countDown();
        }
    }

    private static void credit(RawPeer peer, int expected, CompletableFuture<Integer> done) {
        try {
            int received = 0;
            while (received < expected) {
                int bytes = peer.await(RawPeer.DATA).payload().remaining();
                received += bytes;
                byte[] credit =
                        ByteBuffer.allocate(4).putInt(Math.max(1, bytes)).array();
                peer.frame(RawPeer.WINDOW_UPDATE, 0, 0, credit)
                        .frame(RawPeer.WINDOW_UPDATE, 0, 1, credit)
                        .flush();
            }
            done.complete(received);
        } catch (IOException e) {
            done.completeExceptionally(e);
        }
    }

    /** The hand-overs between a reader that leads, a second one, and the caretaker, at all sorts of moments. */
    @ParameterizedTest
    @ValueSource(ints = {0, 20, 200, 2_000})
    void noExchangeHangsWhateverTheReadersPause(int microseconds) throws Exception {
        try (RawPeer peer = new RawPeer(serve(DIRECT))) {
            peer.headers(1, 0).flush();
            echo(accepted());
            peer.headers(3, 0).flush();
            DuplexConnection second = accepted();
            Executor other = command -> {
                Thread thread = new Thread(command, "second");
                thread.setDaemon(true);
                thread.start();
            };
            ByteBuffer buffer = ByteBuffer.allocate(1);
            int rounds = microseconds >= 200 ? 500 : 3_000;
            for (int i = 0; i < rounds; i++) {
                exchange(peer, 1);
                if (i % 7 == 0) {
                    CompletableFuture<Void> reading = CompletableFuture.runAsync(
                            () -> {
                                try {
                                    second.read(buffer.clear());
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            },
                            other);
                    peer.frame(RawPeer.DATA, 0, 3, BYTE).flush();
                    Peer.get(reading);
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos((long) microseconds * (i % 3)));
            }
        }
    }

    /** Interrupts and deadlines at all sorts of moments, also while the thread parses what came for others. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyByteArrivesThoughTheReaderIsInterruptedOrLate(boolean interrupts) throws Exception {
        int bytes = 20_000;
        try (RawPeer peer = new RawPeer(serve(DIRECT))) {
            peer.headers(1, 0).headers(3, 0).flush();
            DuplexConnection connection = accepted(); // of either stream: both get the same
            accepted();
            if (!interrupts) {
                connection.setReadTimeout(Duration.ofNanos(100_000));
            }
            CompletableFuture<Integer> cuts = new CompletableFuture<>();
            Thread reader = new Thread(() -> readWhateverComes(connection, bytes, cuts), "reader");
            reader.start();
            Random random = new Random(11);
            for (int i = 0; i < bytes; i++) {
                byte[] next = {(byte) i};
                peer.frame(RawPeer.DATA, 0, 1, next)
                        .frame(RawPeer.DATA, 0, 3, next)
                        .flush();
                if (interrupts && random.nextInt(4) == 0) {
                    reader.interrupt();
                }
                if (random.nextInt(100) == 0) {
                    LockSupport.parkNanos(random.nextInt(500_000));
                }
            }
            assertThat(Peer.get(cuts)).isPositive();
            connection.abort();
        }
    }

    private static void readWhateverComes(DuplexConnection connection, int bytes, CompletableFuture<Integer> cuts) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        int seen = 0;
        int cut = 0;
        try {
            while (seen < bytes) {
                try {
                    connection.read(buffer.clear());
                    for (buffer.flip(); buffer.hasRemaining(); seen++) {
                        assertThat(buffer.get()).isEqualTo((byte) seen);
                    }
                } catch (ConnectionTimeoutException e) {
                    cut++;
                } catch (InterruptedIOException e) {
                    cut += Thread.interrupted() ? 1 : 0;
                }
            }
            cuts.complete(cut);
        } catch (Throwable t) {
            cuts.completeExceptionally(t);
        }
    }

    @Test
    void aReaderThatPollsIsServed() throws Exception {
        try (RawPeer peer = new RawPeer(serve(DIRECT.busyPoll(Duration.ofMillis(1))))) {
            peer.headers(1, 0).flush();
            DuplexConnection connection = accepted();
            Thread reader = echo(connection);
            for (int i = 0; i < 1_000; i++) {
                exchange(peer, 1);
            }
            connection.abort();
            reader.join(10_000);
            assertThat(reader.isAlive()).isFalse();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void moreSocketsThanHaveSelectorsOfTheirOwnWorkAndLeaveNoDescriptorBehind() throws Exception {
        long sockets = 300;
        int port = serve(DIRECT);
        long before = descriptors();
        List<RawPeer> peers = new ArrayList<>();
        CountDownLatch closed = new CountDownLatch((int) sockets);
        for (int i = 0; i < sockets; i++) {
            RawPeer peer = new RawPeer(port);
            peer.headers(1, 0).flush();
            DuplexConnection connection = accepted();
            connection.closed().thenRun(closed::countDown);
            echo(connection);
            peers.add(peer);
        }
        for (int round = 0; round < 10; round++) {
            for (RawPeer peer : peers) {
                exchange(peer, 1);
            }
        }
        assertThat(descriptors()).isLessThanOrEqualTo(before + 2 * sockets + 2 * 256 + 20);
        // Each end of a TCP connection is one; those that nobody leads have no more.
        await(() -> descriptors() <= before + 2 * sockets + 20);
        for (RawPeer peer : peers) {
            exchange(peer, 1);
        }
        for (RawPeer peer : peers) {
            peer.close();
        }
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        await(() -> descriptors() <= before + 5);
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
