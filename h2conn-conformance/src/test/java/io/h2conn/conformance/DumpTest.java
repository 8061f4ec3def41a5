package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.DuplexServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dump shows who waits for what, and a stalled connection names its cause. */
class DumpTest {
    private static final int WINDOW = 512 * 1024;
    private static final int MORE_THAN_FITS = 2 * 1024 * 1024;
    private static final String TENTHS = "\\d+\\.\\d s";

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private static void awaitLine(Dumped dumped, String regex) {
        boolean seen = Await.becomes(
                () -> dumped.dump().lines().anyMatch(line -> line.strip().matches(regex)), Await.LIMIT);
        assertThat(seen).as("a line '%s' in%n%s", regex, dumped.dump()).isTrue();
    }

    @FunctionalInterface
    private interface Dumped {
        String dump();
    }

    private static Dumped of(Link link, boolean server) {
        return server ? link.server()::dump : link.client()::dump;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatDoesNotReadIsNamedOnBothEnds(boolean serverIsNear) throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends ends = link.connect(serverIsNear);
            Task<Integer> writing = Task.start(() -> ends.near().write(ByteBuffer.allocate(MORE_THAN_FITS)));
            Dumped near = of(link, serverIsNear);
            Dumped far = of(link, !serverIsNear);

            awaitLine(
                    near,
                    "stalled: the peer is not reading: its window for this stream is 0 for " + TENTHS
                            + ", 131072 bytes wait");
            awaitLine(near, "thread \".*\" in write for " + TENTHS);
            awaitLine(near, ".*1 connection on 1 session.*, stalled: 1 \\(the peer does not read\\)");
            awaitLine(
                    far,
                    "stalled: this side's application does not read: 524288 bytes unread, the window empty for "
                            + TENTHS);
            awaitLine(far, "received 524288 bytes, 524288 unread, takes 0 more; .*");
            ends.near().abort();
            writing.failure();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatTakesNothingFromTcpIsNamed(boolean tls) throws Exception {
        try (Link link = Link.of(leaks, tls)) {
            List<Connector.Ends> many = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                many.add(link.connect(false)); // together their windows are more than the buffers of TCP
            }
            link.relay().stall(true);
            List<CompletableFuture<?>> floods = new ArrayList<>();
            for (Connector.Ends ends : many) {
                floods.add(ends.near().writeAsync(ByteBuffer.allocate(MORE_THAN_FITS)));
            }
            awaitLine(
                    link.client()::dump,
                    "stalled: the peer does not take anything from the TCP connection for " + TENTHS
                            + ", \\d+ bytes wait");
            awaitLine(link.client()::dump, "an asynchronous write for " + TENTHS);
            for (Connector.Ends ends : many) {
                ends.near().abort();
            }
            link.relay().stall(false);
            for (CompletableFuture<?> flood : floods) {
                Await.failure(flood);
            }
        }
    }

    @Test
    void whoWaitsIsNamedWithItsLimits() throws Exception {
        try (Link link = Link.of(leaks, true)) {
            Connector.Ends ends = link.connect(false);
            DuplexConnection client = ends.near();
            DuplexConnection server = ends.far();
            client.setReadTimeout(Duration.ofSeconds(90));
            Task<Integer> reading =
                    Task.start(() -> client.read(ByteBuffer.allocate(1))).awaitBlocked();
            CompletableFuture<ByteBuffer> pending = server.readAsync();

            String here = link.client().dump();
            assertThat(here)
                    .contains(client.id() + " POST https://")
                    .contains("/pair: input OPEN, output OPEN")
                    .contains("TLSv1.3 ")
                    .contains("read timeout 90 s")
                    .containsPattern("thread \".+\" in read for " + TENTHS)
                    .containsPattern("session 127\\.0\\.0\\.1:\\d+ to 127\\.0\\.0\\.1:\\d+, ")
                    .doesNotContain("secret")
                    .doesNotContain("?pair");
            assertThat(link.server().dump())
                    .contains(server.id() + " POST https://")
                    .containsPattern("an asynchronous read for " + TENTHS)
                    .doesNotContain("secret");

            client.write(Bytes.of("x"));
            Await.result(pending);
            CompletableFuture<Void> taken = new CompletableFuture<>();
            CompletableFuture<?> listening = server.listen(data -> taken);
            awaitLine(link.server()::dump, "a listener, idle");
            client.write(Bytes.of("y"));
            awaitLine(link.server()::dump, "a listener, busy for " + TENTHS);
            taken.complete(null);
            awaitLine(link.server()::dump, "a listener, idle");

            Task<Boolean> closing = Task.run(client::close);
            awaitLine(link.client()::dump, "close by thread \".+\" for " + TENTHS + ", waits for the peer's end");
            closing.get();
            reading.failure();
            Await.result(listening); // at the client's end
            server.close();
        }
    }

    @Test
    void ofManyConnectionsTheStalledOnesAreShownAndTheRestCounted() throws Exception {
        try (Link link = Link.of(leaks, false)) {
            for (int i = 0; i < 20; i++) {
                link.connect(false);
            }
            Connector.Ends stalled = link.connect(false);
            stalled.near().write(ByteBuffer.allocate(WINDOW + 1000));
            Await.until(() -> link.client().dump().contains("stalled: the peer"), "it is stalled");

            String dump = link.client().dump(3);
            assertThat(dump.lines().filter(line -> line.startsWith("  client-")))
                    .hasSize(3)
                    .anySatisfy(line -> assertThat(line).contains(stalled.near().id() + " "));
            assertThat(dump)
                    .contains("21 connections on 1 session")
                    .endsWith("not shown: 18 connections, 0 sessions\n");
            assertThat(link.server().dump().lines().filter(line -> line.startsWith("  server-")))
                    .hasSize(21);
            assertThatThrownBy(() -> link.client().dump(-1)).isInstanceOf(IllegalArgumentException.class);
            stalled.near().abort();
        }
    }

    @Test
    void anEmptyWindowOfTheSessionIsNamed() throws Exception {
        // A peer that gives no credit for the session: 64 KiB, the least that HTTP/2 has, for all streams together.
        try (SilentServer server = new SilentServer();
                DuplexClient client = DuplexClient.create()) {
            DuplexConnection connection = client.open(ConnectRequest.to(server.uri()));
            connection.write(ByteBuffer.allocate(70_000));

            awaitLine(
                    client::dump,
                    "stalled: the peer gives no credit to any connection of this session: its window for the session"
                            + " is 0 for " + TENTHS + ", \\d+ bytes wait");
            connection.abort();
        }
    }

    @Test
    void jettysOwnDumpHasOurs() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .handle("/wait", connection -> connection.input().read())
                        .start();
                DuplexClient client = DuplexClient.builder()
                        .options(ConnectionOptions.defaults())
                        .build();
                DuplexConnection connection = client.connect(server.uri().resolve("/wait"))) {
            assertThat(connection.isOpen()).isTrue();
            awaitLine(server.jetty()::dump, ".*server-\\d+ POST http://127.0.0.1:\\d+/wait: input OPEN, output OPEN.*");
            // On Java 21 and later a handler runs on a virtual thread, which has no name.
            awaitLine(server.jetty()::dump, ".*(thread \".+\"|VirtualThread.+) in read for " + TENTHS);
        }
    }
}
