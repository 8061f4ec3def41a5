package io.h2conn.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionObserver;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.DuplexConnection;
import io.h2conn.UnreachableException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an observer hears of connects. */
@ExtendWith(NoLeaks.class)
class ObservedConnectTest {
    /** Writes down what happens until a connection exists, and its end. */
    private static final class Notes implements ConnectionObserver {
        final List<String> lines = new CopyOnWriteArrayList<>();
        final List<String> ids = new CopyOnWriteArrayList<>();

        @Override
        public void onConnecting(String id, String target, int attempt) {
            ids.add(id);
            lines.add("attempt " + attempt + " for " + target.replaceAll(":\\d+", ""));
        }

        @Override
        public void onSession(String id, @Nullable SocketAddress remote, boolean reused) {
            assertThat(remote).isInstanceOf(InetSocketAddress.class);
            ids.add(id);
            lines.add(reused ? "reused session" : "new session");
        }

        @Override
        public void onConnectFailed(String id, Exception failure, boolean retried) {
            ids.add(id);
            lines.add(failure.getClass().getSimpleName() + (retried ? ", retried" : ", final"));
        }

        @Override
        public void onHeadersSent(DuplexConnection connection) {
            ids.add(connection.id());
            lines.add("request");
        }

        @Override
        public void onAccepted(DuplexConnection connection, int status) {
            ids.add(connection.id());
            lines.add("accepted " + status);
        }

        @Override
        public void onClosed(DuplexConnection connection, CloseReason reason) {
            ids.add(connection.id());
            ConnectionFailure failure = reason.failure();
            lines.add("closed " + (failure == null ? "in order" : reason.code()));
        }
    }

    private final Notes notes = new Notes();
    private final DuplexClient client = DuplexClient.builder()
            .options(ConnectionOptions.defaults().observer(notes))
            .build();

    private static void answerAll(RawPeer.Wire wire) throws Exception {
        while (true) {
            int stream = wire.await(RawPeer.HEADERS).stream();
            wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.STATUS_200);
        }
    }

    @Test
    void aSecondConnectionReusesTheSession() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    answerAll(wire);
                });
                client) {
            client.connect(server.uri("/first?token=secret"));
            client.connect(server.uri("/second"));

            assertThat(notes.lines)
                    .containsExactly(
                            "attempt 1 for POST http://127.0.0.1/first",
                            "new session",
                            "request",
                            "accepted 200",
                            "attempt 1 for POST http://127.0.0.1/second",
                            "reused session",
                            "request",
                            "accepted 200");
            assertThat(notes.ids.subList(0, 4)).containsOnly(notes.ids.get(0));
        }
    }

    @Test
    void aRequestThatIsRefusedUnprocessedIsSeenToBeTriedAgain() throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        try (RawPeer server = new RawPeer(wire -> {
                    boolean refuses = sessions.incrementAndGet() == 1;
                    wire.handshake();
                    if (refuses) {
                        wire.sendCode(RawPeer.RST_STREAM, wire.await(RawPeer.HEADERS).stream(), 7);
                        wire.awaitEnd();
                    } else {
                        answerAll(wire);
                    }
                });
                client) {
            client.connect(server.uri("/"));

            assertThat(notes.lines)
                    .containsExactly(
                            "attempt 1 for POST http://127.0.0.1/",
                            "new session",
                            "request",
                            "closed REFUSED_STREAM",
                            "ConnectionResetException, retried",
                            "attempt 2 for POST http://127.0.0.1/",
                            "new session",
                            "request",
                            "accepted 200");
            assertThat(notes.ids).containsOnly(notes.ids.get(0));
        }
    }

    @Test
    void aRequestAboveTheLastStreamOfAGoAwayIsSeenToBeTriedAgain() throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        try (RawPeer server = new RawPeer(wire -> {
                    boolean first = sessions.incrementAndGet() == 1;
                    wire.handshake();
                    if (first) {
                        wire.await(RawPeer.HEADERS);
                        wire.goAway(0, 0);
                        wire.awaitEnd();
                    } else {
                        answerAll(wire);
                    }
                });
                client) {
            client.connect(server.uri("/"));

            assertThat(notes.lines)
                    .containsSubsequence(
                            "attempt 1 for POST http://127.0.0.1/",
                            "ConnectionLostException, retried",
                            "attempt 2 for POST http://127.0.0.1/",
                            "new session",
                            "request",
                            "accepted 200")
                    .doesNotContain("ConnectionLostException, final");
        }
    }

    private void awaitFinals(int count) {
        NoLeaks.eventually(
                count + " ends are told",
                () -> notes.lines.stream()
                                .filter(line -> line.endsWith("final"))
                                .count()
                        == count);
    }

    @Test
    void aConnectThatFailsIsTheEnd() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    int stream = wire.await(RawPeer.HEADERS).stream();
                    wire.send(RawPeer.HEADERS, RawPeer.END_HEADERS | RawPeer.END_STREAM, stream, RawPeer.STATUS_404);
                    wire.awaitEnd();
                });
                client) {
            assertThatThrownBy(() -> client.connect("http://127.0.0.1:" + free + "/nobody"))
                    .isInstanceOf(UnreachableException.class);
            awaitFinals(1); // the caller may hear of it first
            assertThatThrownBy(() -> client.connect(server.uri("/refused")))
                    .isInstanceOf(ConnectionRefusedException.class);

            awaitFinals(2);
            assertThat(notes.lines)
                    .containsExactly(
                            "attempt 1 for POST http://127.0.0.1/nobody",
                            "UnreachableException, final",
                            "attempt 1 for POST http://127.0.0.1/refused",
                            "new session",
                            "request",
                            "closed null",
                            "ConnectionRefusedException, final");
        }
    }

    @Test
    void aConnectThatIsGivenUpSaysSo() throws Exception {
        try (RawPeer server = new RawPeer(wire -> {
                    wire.handshake();
                    wire.await(RawPeer.HEADERS);
                    wire.awaitEnd();
                });
                client) {
            CompletableFuture<DuplexConnection> connecting = client.connectAsync(ConnectRequest.to(server.uri("/")));
            NoLeaks.eventually("the request is out", () -> notes.lines.contains("request"));
            connecting.cancel(false);

            NoLeaks.eventually(
                    "the observer is told",
                    () -> notes.lines.contains(CancellationException.class.getSimpleName() + ", final"));
            assertThat(notes.lines).endsWith("closed CANCEL", "CancellationException, final");
        }
    }
}
