package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many connections on one TCP connection, and none that troubles another. */
class SharingTest {
    /** Bytes. More than both sides' session windows of 16 MiB. */
    private static final int MORE_THAN_A_SESSION_WINDOW = 20 * 1024 * 1024;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest(name = "the server is near: {0}")
    @ValueSource(booleans = {false, true})
    void discardedInputGivesTheSessionWindowBack(boolean serverIsNear) throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends discarding = link.connect(serverIsNear);
            Connector.Ends sibling = link.connect(serverIsNear);
            discarding.near().input().close();
            discarding.far().write(ByteBuffer.allocate(MORE_THAN_A_SESSION_WINDOW));
            discarding.far().write(ByteBuffer.allocate(MORE_THAN_A_SESSION_WINDOW));
            exchange(sibling, 1_000_000);
        }
    }

    @ParameterizedTest(name = "the server is near: {0}")
    @ValueSource(booleans = {false, true})
    void abortedConnectionsGiveTheSessionWindowBack(boolean serverIsNear) throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends sibling = link.connect(serverIsNear);
            int windows = MORE_THAN_A_SESSION_WINDOW / (512 * 1024);
            for (int i = 0; i < windows; i++) {
                Connector.Ends ends = link.connect(serverIsNear);
                Task<Integer> writing =
                        Task.start(() -> ends.far().write(ByteBuffer.allocate(MORE_THAN_A_SESSION_WINDOW)));
                Bytes.read(ends.near(), 1000);
                ends.near().abort();
                writing.failure();
            }
            exchange(sibling, 1_000_000);
            assertThat(link.relay().accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "the server is near: {0}")
    @ValueSource(booleans = {false, true})
    void connectionsThatNobodyReadsStallNoOther(boolean serverIsNear) throws Exception {
        try (Link link = Link.of(leaks, false)) {
            int windows = MORE_THAN_A_SESSION_WINDOW / (512 * 1024);
            List<CompletableFuture<?>> unread = new ArrayList<>();
            for (int i = 0; i < windows; i++) {
                Connector.Ends ends = link.connect(serverIsNear);
                unread.add(ends.far().writeAsync(ByteBuffer.allocate(1024 * 1024)));
            }
            Connector.Ends sibling = link.connect(serverIsNear);
            exchange(sibling, 1_000_000);
            assertThat(unread).noneMatch(CompletableFuture::isDone);
            assertThat(link.relay().accepted()).isEqualTo(1);
        }
    }

    @Test
    void aThousandConnectionsShareOneTcpConnection() throws Exception {
        int count = 1000;
        try (Link link = Link.serving(
                leaks,
                false,
                server -> server.handleAsync("/echo", connection -> connection.listen(connection::writeAsync)))) {
            List<DuplexConnection> connections = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                connections.add(link.connect("/echo"));
            }
            for (int i = 0; i < count; i++) {
                connections.get(i).write(Bytes.pattern(i, 100));
            }
            for (int i = 0; i < count; i++) {
                Bytes.readPattern(connections.get(i), i, 100);
            }
            assertThat(link.relay().accepted()).isEqualTo(1);
            assertThat(Http2Transport.openStreams(link.server().jetty())).isEqualTo(count);
            closeAll(connections);
        }
    }

    @Test
    void tenThousandIdleConnectionsHoldAFewThreads() throws Exception {
        int count = 10_000;
        CompletableFuture<?>[] heard = new CompletableFuture<?>[count];
        CompletableFuture<?>[] listening = new CompletableFuture<?>[count];
        try (Link link = Link.serving(
                leaks,
                false,
                server -> server.handleAsync("/echo", connection -> connection.listen(connection::writeAsync)))) {
            List<DuplexConnection> connections = new ArrayList<>();
            connections.add(link.connect("/echo"));
            int threads = Thread.activeCount();
            for (int i = 1; i < count; i++) {
                connections.add(link.connect("/echo"));
            }
            for (int i = 0; i < count; i++) {
                CompletableFuture<?> first = new CompletableFuture<>();
                heard[i] = first;
                listening[i] = connections.get(i).listen(data -> {
                    first.complete(null);
                    return null;
                });
            }
            requireFewThreads(threads, count);
            for (DuplexConnection connection : connections) {
                connection.write(Bytes.of("x"));
            }
            Await.result(CompletableFuture.allOf(heard));
            requireFewThreads(threads, count);
            assertThat(listening).noneMatch(CompletableFuture::isDone);
            closeAll(connections);
        }
    }

    /** A few threads serve them all. Workers that opening them took may wait for more work a while longer. */
    private static void requireFewThreads(int before, int connections) {
        Await.until(
                () -> BusyThreads.now().stacks().keySet().stream()
                                .filter(thread -> thread.getName().startsWith("h2conn-"))
                                .count()
                        < 20,
                "almost all threads of the library are idle");
        assertThat(Thread.activeCount() - before).isLessThan(connections / 10);
    }

    @Test
    void aBurstOfAbortsDoesNotEndTheSession() throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends sibling = link.connect(false);
            for (int i = 0; i < 300; i++) {
                Connector.Ends ends = link.connect(false);
                (i % 2 == 0 ? ends.near() : ends.far()).abort();
            }
            exchange(sibling, 1000);
            assertThat(link.relay().accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "the server is near: {0}")
    @ValueSource(booleans = {false, true})
    void manySmallFramesForAConnectionJustAbortedDoNotEndTheSession(boolean serverIsNear) throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends sibling = link.connect(serverIsNear);
            for (int round = 0; round < 5; round++) {
                Connector.Ends ends =
                        link.connect(serverIsNear, ConnectionOptions.defaults().gatherWrites(false));
                Task<Boolean> writing = Task.run(() -> {
                    while (true) {
                        ends.far().write(Bytes.of("small"));
                    }
                });
                Bytes.read(ends.near(), 2000);
                ends.near().abort();
                writing.failure();
            }
            exchange(sibling, 1000);
            assertThat(link.relay().accepted()).isEqualTo(1);
        }
    }

    private static void exchange(Connector.Ends ends, int bytes) throws Exception {
        Task<Boolean> writing = Task.run(() -> {
            ends.far().write(Bytes.pattern(0, bytes));
            ends.near().write(Bytes.of("and back"));
        });
        Bytes.readPattern(ends.near(), 0, bytes);
        assertThat(Bytes.readText(ends.far(), 8)).isEqualTo("and back");
        writing.get();
    }

    private static void closeAll(List<DuplexConnection> connections) throws Exception {
        List<CompletableFuture<?>> ended = new ArrayList<>();
        for (DuplexConnection connection : connections) {
            ended.add(connection.closeAsync());
            ended.add(connection.closed().toCompletableFuture());
        }
        Await.result(CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new)));
    }
}
