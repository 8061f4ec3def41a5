package io.h2conn.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import io.h2conn.examples.Program;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTest {
    @Test
    void theDemoSucceedsAndSumsUp() throws Exception {
        try (Program demo = Program.inProcess("demo", "--mib", "16")) {
            assertThat(demo.awaitExit()).isZero();
            assertThat(demo.errors()).isEmpty();
            assertThat(String.join("\n", demo.output()))
                    .contains("hello -> HELLO")
                    .contains("bob said hello; seen by ann, bob, cy")
                    .contains("16 MiB each way at once: CRC32C")
                    .contains("summary    5 connections over 1 TCP connection, ")
                    .contains(" 32.0 MiB in ");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 64 * 1024, 1_000_001})
    void bothSidesOfATransferAgree(long bytes) throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        CompletableFuture<Transfer.Result> server = Transfer.start(pair.server(), bytes, new LongAdder());
        Transfer.Result client =
                Transfer.start(pair.client(), bytes, new LongAdder()).get(10, TimeUnit.SECONDS);

        assertThat(client.matches(server.get(10, TimeUnit.SECONDS))).isTrue();
        assertThat(client.received()).isEqualTo(bytes);
        pair.client().close();
        pair.server().close();
    }

    @Test
    void aWrongChecksumIsAFailure() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        CompletableFuture<Transfer.Result> client = Transfer.start(pair.client(), 10, new LongAdder());
        pair.server().output().write("something".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        pair.server().closeOutput();

        assertThatThrownBy(() -> client.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("but their sender says nothing");
        pair.client().abort();
    }
}
