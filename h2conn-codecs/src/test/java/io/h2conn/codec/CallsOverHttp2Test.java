package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionFailure;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls over a real HTTP/2 stream. */
@Timeout(60)
class CallsOverHttp2Test {
    private static final JsonCodec<String> STRINGS = JsonCodec.of(String.class);
    private static final JsonCodec<Integer> NUMBERS = JsonCodec.of(Integer.class);

    private final CompletableFuture<Calls<String, Integer>> served = new CompletableFuture<>();

    private DuplexServer server() throws IOException {
        CallHandler<String, Integer> sum = CallHandler.blocking(
                (request, calls) -> request.length() + (request.isEmpty() ? 0 : calls.call(request.substring(1))));
        return DuplexServer.builder()
                .port(0)
                .handleAsync("/calls", connection -> {
                    Calls<String, Integer> calls = Calls.over(connection, STRINGS, NUMBERS, sum);
                    served.complete(calls);
                    return calls.closed();
                })
                .start();
    }

    @Test
    void bothSidesCallEachOtherAndEndInAnOrderlyWay() throws Exception {
        try (DuplexServer server = server();
                DuplexClient client = DuplexClient.create()) {
            try (Calls<String, Integer> calls = Calls.over(
                    client.connect(server.uri().resolve("/calls")),
                    STRINGS,
                    NUMBERS,
                    (request, caller) -> CompletableFuture.completedFuture(request.length()))) {
                assertThat(calls.call("abcd")).isEqualTo(7);
                List<CompletableFuture<Integer>> replies = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    if (i >= 200) {
                        replies.get(i - 200).get(10, TimeUnit.SECONDS);
                    }
                    replies.add(calls.callAsync("x".repeat(i)));
                }
                for (int i = 1; i < 500; i++) {
                    assertThat(replies.get(i).get(10, TimeUnit.SECONDS)).isEqualTo(2 * i - 1);
                }
            }
            served.join().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aServerThatResetsFailsTheCallsThatWait() throws Exception {
        try (DuplexServer server = server();
                DuplexClient client = DuplexClient.create()) {
            Calls<String, Integer> calls =
                    Calls.over(client.connect(server.uri().resolve("/calls")), STRINGS, NUMBERS, (request, caller) -> {
                        served.join().connection().abort();
                        return new CompletableFuture<>();
                    });

            assertThatThrownBy(() -> calls.call("abcd"))
                    .isInstanceOf(ConnectionFailure.class)
                    .hasMessageContaining("CANCEL");
        }
    }
}
