package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AsyncReadTest {
    static List<Consumer<CompletableFuture<ByteBuffer>>> waysToGiveUp() {
        return List.of(
                read -> read.cancel(false),
                read -> read.complete(ByteBuffer.allocate(0)),
                read -> read.completeExceptionally(new IllegalStateException()),
                read -> read.completeAsync(() -> ByteBuffer.allocate(0), Runnable::run),
                read -> read.orTimeout(1, TimeUnit.MILLISECONDS)
                        .handle((data, timeout) -> timeout)
                        .join());
    }

    @ParameterizedTest
    @MethodSource("waysToGiveUp")
    void aReadThatTheUserHasGivenUpTakesNoBytes(Consumer<CompletableFuture<ByteBuffer>> giveUp) throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        CompletableFuture<ByteBuffer> given = pair.client().readAsync();
        giveUp.accept(given);
        pair.server().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));

        ByteBuffer read = pair.client().readAsync().get(10, TimeUnit.SECONDS);

        assertThat(given).isDone();
        assertThat(read.remaining()).isEqualTo(3);
        pair.client().abort();
    }
}
