package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionObserver;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.StallCause;
import java.lang.reflect.Proxy;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An observer sees all of a connection's life, in order, and harms nothing. */
class ObserverTest {
    private static final Duration NONE = Duration.ZERO;
    private static final int WINDOW = 512 * 1024;
    private static final int MORE_THAN_FITS = 2 * 1024 * 1024;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** Writes down what happens, by connection. */
    private static final class Diary implements ConnectionObserver {
        private final Map<String, List<String>> events = new ConcurrentHashMap<>();

        private void note(String id, String event) {
            events.computeIfAbsent(id, unused -> new CopyOnWriteArrayList<>()).add(event);
        }

        List<String> of(DuplexConnection connection) {
            return new ArrayList<>(events.getOrDefault(connection.id(), List.of()));
        }

        @Override
        public void onConnecting(String id, String target, int attempt) {
            note(id, "connecting");
        }

        @Override
        public void onSession(String id, @Nullable SocketAddress remote, boolean reused) {
            note(id, "session");
        }

        @Override
        public void onHeadersSent(DuplexConnection connection) {
            note(connection.id(), "headers sent");
        }

        @Override
        public void onAccepted(DuplexConnection connection, int status) {
            note(connection.id(), "accepted");
        }

        @Override
        public void onFirstByteReceived(DuplexConnection connection) {
            note(connection.id(), "first byte received");
        }

        @Override
        public void onFirstByteSent(DuplexConnection connection) {
            note(connection.id(), "first byte sent");
        }

        @Override
        public void onWriteStalled(DuplexConnection connection, StallCause cause) {
            note(connection.id(), "write stalled");
        }

        @Override
        public void onWriteResumed(DuplexConnection connection, Duration stalled) {
            note(connection.id(), "write resumed");
        }

        @Override
        public void onReadStalled(DuplexConnection connection, int unread) {
            note(connection.id(), "read stalled with " + unread);
        }

        @Override
        public void onReadResumed(DuplexConnection connection, Duration stalled) {
            note(connection.id(), "read resumed");
        }

        @Override
        public void onHeartbeat(DuplexConnection connection, Duration roundTrip) {
            assertThat(roundTrip).isPositive();
            note(connection.id(), "heartbeat");
        }

        @Override
        public void onDraining(DuplexConnection connection) {
            note(connection.id(), "draining");
        }

        @Override
        public void onClosed(DuplexConnection connection, CloseReason reason) {
            note(connection.id(), reason.isOrderly() ? "closed in order" : "closed with " + reason.code());
        }
    }

    private final Diary diary = new Diary();
    private final ConnectionOptions observed = ConnectionOptions.defaults().observer(diary);

    private void awaitLast(DuplexConnection connection, String event) {
        Await.until(
                () -> {
                    List<String> seen = diary.of(connection);
                    return !seen.isEmpty() && seen.get(seen.size() - 1).equals(event);
                },
                event + " is the last event of " + connection.id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theWholeLifeOfBothEndsIsSeenInOrder(boolean tls) throws Exception {
        try (Link link = Link.of(leaks, tls)) {
            Connector.Ends ends = link.connect(false, observed);
            DuplexConnection client = ends.near();
            DuplexConnection server = ends.far();
            client.write(Bytes.of("question"));
            assertThat(Bytes.readText(server, 8)).isEqualTo("question");
            client.flush();
            server.write(Bytes.of("answer"));
            assertThat(Bytes.readText(client, 6)).isEqualTo("answer");
            server.flush();
            client.close();
            server.close();

            awaitLast(client, "closed in order");
            awaitLast(server, "closed in order");
            assertThat(diary.of(client))
                    .containsExactly(
                            "connecting",
                            "session",
                            "headers sent",
                            "accepted",
                            "first byte sent",
                            "first byte received",
                            "closed in order");
            assertThat(diary.of(server))
                    .containsExactly(
                            "accepted", "headers sent", "first byte received", "first byte sent", "closed in order");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stallsBeginAndEnd(boolean serverIsNear) throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends ends = link.connect(serverIsNear, observed);
            Task<Integer> writing = Task.start(() -> ends.near().write(ByteBuffer.allocate(MORE_THAN_FITS)));
            awaitLast(ends.far(), "read stalled with " + WINDOW);
            awaitLast(ends.near(), "write stalled");

            assertThat(ends.far().input().readNBytes(MORE_THAN_FITS)).hasSize(MORE_THAN_FITS);
            writing.get();
            Await.until(() -> diary.of(ends.far()).contains("read resumed"), "reading was seen to go on");
            awaitLast(ends.near(), "write resumed");
            ends.near().abort();
            awaitLast(ends.near(), "closed with CANCEL");
            awaitLast(ends.far(), "closed with CANCEL");
        }
    }

    @Test
    void anAsynchronousWriteThatIsTakenInPartIsStalledStill() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair(1_000, observed);
        CompletableFuture<?> writing = pair.client().writeAsync(ByteBuffer.allocate(300_000));
        pair.server().input().readNBytes(100_000);
        awaitLast(pair.client(), "write stalled");

        pair.server().input().readNBytes(200_000);
        Await.done(writing);
        awaitLast(pair.client(), "write resumed");
        pair.client().abort();
    }

    @Test
    void heartbeatsAndDrainingAreToldToBothEnds() throws Exception {
        try (Link link = Link.watching(leaks, false, TcpRelay.Tap.NONE, Duration.ofMillis(300), NONE)) {
            Connector.Ends ends = link.connect(false, observed);
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                Await.until(() -> diary.of(end).contains("heartbeat"), "a heartbeat of " + end.id());
            }
            assertThat(link.server().drain(NONE)).isFalse();
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                awaitLast(end, "closed with CANCEL");
                assertThat(diary.of(end)).containsSubsequence("draining", "closed with CANCEL");
            }
        }
    }

    @Test
    void aPairInMemoryIsSeenFromItsFirstByte() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair(100, observed);
        pair.client().write(ByteBuffer.allocate(100));
        pair.server().input().readNBytes(100);
        pair.client().close();
        pair.server().close();

        awaitLast(pair.server(), "closed in order");
        assertThat(diary.of(pair.client())).containsExactly("first byte sent", "closed in order");
        assertThat(diary.of(pair.server()))
                .containsExactly("first byte received", "read stalled with 100", "read resumed", "closed in order");
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // a proxy's equals must not ask the proxy again
    void anObserverThatThrowsHarmsNothing() throws Exception {
        AtomicInteger thrown = new AtomicInteger();
        ConnectionObserver faulty = (ConnectionObserver) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ConnectionObserver.class}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.getName().equals("hashCode") ? (Object) 1 : proxy == arguments[0];
                    }
                    thrown.incrementAndGet();
                    throw new IllegalStateException("a mistake of the observer's");
                });
        LogLines log = new LogLines();
        try (log;
                Link link = Link.of(leaks, false)) {
            Connector.Ends ends =
                    link.connect(false, ConnectionOptions.defaults().observer(faulty));
            ends.near().write(Bytes.of("question"));
            assertThat(Bytes.readText(ends.far(), 8)).isEqualTo("question");
            ends.near().close();
            ends.far().close();
            assertThat(Await.result(ends.near().closed()).isOrderly()).isTrue();
            Await.until(() -> thrown.get() >= 9, "every event is told in spite of it");
        }
        assertThat(log.containing("an observer of connections threw")).hasSize(1);
    }
}
