package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.server.Acceptor;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log is quiet while all goes well, and has a line for what does not. */
class LogTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private static DuplexServer.Builder echoing(DuplexServer.Builder builder) {
        return builder.handle("/echo", connection -> connection.input().transferTo(connection.output()));
    }

    @Test
    void aThousandExchangesAreNoNews() throws Exception {
        try (Link link = Link.serving(leaks, false, LogTest::echoing)) {
            exchange(link); // what comes with the first one
            LogLines log = new LogLines();
            try (log) {
                for (int i = 0; i < 1_000; i++) {
                    exchange(link);
                }
            }
            assertThat(log.containing("")).isEmpty();
        }
    }

    private static void exchange(Link link) throws IOException {
        try (DuplexConnection connection = link.connect("/echo")) {
            connection.write(Bytes.of("question"));
            connection.closeOutput();
            assertThat(connection.input().readAllBytes()).hasSize(8);
        }
    }

    /** How a connection ends whose handler waits for more, and at which level the log says so. */
    enum Ending {
        PEER_RESETS("DEBUG"), // a peer must not be able to fill the log
        TCP_BREAKS("DEBUG"),
        IDLE("INFO"),
        HANDLER_THROWS("WARN");

        private final String level;

        Ending(String level) {
            this.level = level;
        }

        void end(Link link, DuplexConnection client) throws IOException {
            switch (this) {
                case PEER_RESETS -> client.abort();
                case TCP_BREAKS -> link.relay().breakAll(true);
                case IDLE -> {} // the server's limit
                case HANDLER_THROWS -> client.write(Bytes.of("!"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAbnormalEndIsOneLine(Ending ending) throws Exception {
        ConnectionOptions options = ending == Ending.IDLE
                ? ConnectionOptions.defaults().idleTimeout(Duration.ofMillis(100))
                : ConnectionOptions.defaults();
        LogLines log = new LogLines();
        try (log;
                Link link = Link.serving(
                        leaks,
                        false,
                        builder -> builder.acceptor(Acceptor.defaults().options(options))
                                .handle("/", connection -> {
                                    if (connection.input().read() == '!') {
                                        throw new IllegalStateException("a mistake of the handler's");
                                    }
                                }))) {
            DuplexConnection client = link.connect("/");
            ending.end(link, client);
            Await.result(client.closed());
            Await.until(() -> !log.containing("its handler failed").isEmpty(), "the end is logged");
        }
        List<String> lines = log.containing(" io.h2conn.").stream()
                .filter(line -> line.contains("its handler failed"))
                .toList();
        assertThat(lines)
                .hasSize(1)
                .allSatisfy(
                        line -> assertThat(line).contains(ending.level + " ").containsPattern("server-\\d+: "));
        assertThat(log.containing("INFO io.h2conn")).hasSize(ending.level.equals("INFO") ? 1 : 0);
        assertThat(log.containing("WARN ")).hasSize(ending.level.equals("WARN") ? 1 : 0);
        assertThat(log.containing("ERROR ")).isEmpty();
    }

    @Test
    void anExecutorThatRejectsEverythingIsOneLine() throws Exception {
        LogLines log = new LogLines();
        try (log) {
            String why = "full, as the log of " + Instant.now() + " will say";
            DuplexConnection.Pair pair =
                    DuplexConnection.pair(10, ConnectionOptions.defaults().executor(task -> {
                        throw new RejectedExecutionException(why); // captured: a new executor each time
                    }));
            for (int i = 0; i < 10; i++) {
                CompletableFuture<ByteBuffer> reading = pair.server().readAsync();
                pair.client().write(Bytes.of("x"));
                Await.bytes(reading);
            }
            pair.client().abort();
        }
        assertThat(log.containing("rejected a callback")).hasSize(1);
    }
}
