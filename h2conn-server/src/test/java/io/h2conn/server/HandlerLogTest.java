package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log says of a handler that throws. */
class HandlerLogTest {

    private static List<String> logOf(ConnectionHandler handler) throws Exception {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream err = System.err;
        System.setErr(new PrintStream(log, true, UTF_8));
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .handle("/", handler)
                        .start();
                Peer peer = new Peer(server.uri())) {
            Peer.Exchange exchange = peer.open("POST", "/");
            assertThat(exchange.resetCode()).isEqualTo(ErrorCode.INTERNAL_ERROR.wire());
            awaitLine(log);
        } finally {
            System.setErr(err);
        }
        return log.toString(UTF_8)
                .lines()
                .filter(line -> !line.contains("jetty"))
                .toList();
    }

    private static void awaitLine(ByteArrayOutputStream log) {
        long deadline = System.nanoTime() + SECONDS.toNanos(10);
        while (!log.toString(UTF_8).contains("its handler failed")) {
            assertThat(System.nanoTime()).as("a line in the log").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void aMessageThatCannotBeUnderstoodIsOneLine() throws Exception {
        List<String> log = logOf(connection -> {
            throw new UncheckedIOException(new EOFException("cut off"));
        });

        assertThat(log)
                .hasSize(1)
                .allSatisfy(line -> assertThat(line)
                        .contains("WARN")
                        .contains("its handler failed")
                        .contains("EOFException: cut off"));
    }

    @Test
    void aFailureOfTheConnectionIsOneLineThatAlarmsNobody() throws Exception {
        List<String> log = logOf(connection -> {
            connection.abort(ErrorCode.INTERNAL_ERROR);
            try {
                connection.input().read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThat(log).hasSize(1).allSatisfy(line -> assertThat(line).contains("INFO"));
    }

    @Test
    void aMistakeInTheHandlerComesWithItsStackTrace() throws Exception {
        List<String> log = logOf(connection -> {
            throw new IllegalStateException("a mistake");
        });

        assertThat(log)
                .anySatisfy(line -> assertThat(line).contains("WARN"))
                .anySatisfy(line -> assertThat(line).contains("at io.h2conn.server.HandlerLogTest"));
    }
}
