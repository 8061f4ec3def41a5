package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.conformance.LeakCheck;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A handler ends as it does on a server, and a drain is announced as one is. */
class ServeTest {
    private static final Duration IN_TIME = Duration.ofSeconds(10);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @Test
    void aHandlerThatReturnsClosesItsConnection() throws Exception {
        try (FaultyPair pair = FaultyPair.builder().connect()) {
            CompletableFuture<?> served = pair.serve(connection -> Numbered.write(connection, 10));
            assertThat(Numbered.readToEnd(pair.client())).isEqualTo(10);
            assertThat(served).succeedsWithin(IN_TIME);
            assertThat(pair.server().isOpen()).isFalse();
        }
    }

    @Test
    void aHandlerThatThrowsAbortsItsConnection() throws Exception {
        try (FaultyPair pair = FaultyPair.builder().connect()) {
            Exception thrown = new Exception("the handler gave up");
            CompletableFuture<?> served = pair.serve(connection -> {
                throw thrown;
            });
            assertThat(served)
                    .failsWithin(IN_TIME)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isSameAs(thrown);
            var reason = pair.client().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(reason.origin()).isEqualTo(Origin.PEER);
            assertThat(reason.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        }
    }

    @Test
    void aHandlerWhoseLastWordsAreLostIsToldByTheClose() throws Exception {
        try (FaultyPair pair = FaultyPair.builder()
                .window(10)
                .toClient(NetworkConditions.perfect().loseAt(10))
                .connect()) {
            CompletableFuture<?> served = pair.serve(connection -> Numbered.write(connection, 100));
            Numbered.read(pair.client(), 10);
            assertThat(served)
                    .failsWithin(IN_TIME)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void aHandlerRunsOnTheExecutorOfItsSide() throws Exception {
        CompletableFuture<String> name = new CompletableFuture<>();
        try (FaultyPair pair = FaultyPair.builder()
                .serverOptions(
                        ConnectionOptions.defaults().executor(task -> new Thread(task, "the-handlers-own").start()))
                .connect()) {
            CompletableFuture<?> served = pair.serve(
                    connection -> name.complete(Thread.currentThread().getName()));
            assertThat(name).succeedsWithin(IN_TIME).isEqualTo("the-handlers-own");
            assertThat(served).succeedsWithin(IN_TIME);
        }
    }

    @Test
    void aDrainIsAnnouncedToBothSidesAndEndsNothing() throws Exception {
        try (FaultyPair pair = FaultyPair.builder().connect()) {
            var told = pair.server().draining().toCompletableFuture();
            assertThat(pair.client().isDraining()).isFalse();
            pair.drain();
            assertThat(told).succeedsWithin(IN_TIME);
            assertThat(pair.client().isDraining()).isTrue();
            pair.client().write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void closingThePairEndsBothSidesWhateverIsFrozen() throws Exception {
        FaultyPair pair = FaultyPair.builder().connect();
        pair.freeze(Direction.TO_CLIENT);
        pair.freeze(Direction.TO_SERVER);
        CompletableFuture<?> served =
                pair.serve(connection -> connection.input().transferTo(connection.output()));
        pair.close();
        assertThat(served).failsWithin(IN_TIME);
        assertThat(pair.client().closed().toCompletableFuture()).succeedsWithin(IN_TIME);
    }
}
