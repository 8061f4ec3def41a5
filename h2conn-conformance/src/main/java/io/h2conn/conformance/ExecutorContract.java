package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Where callbacks run: on the application's executor, unless they were declared never to block. */
interface ExecutorContract {
    String THREAD = "conformance-executor";

    /** Something that completes on one end when the other does something. */
    record Event(Function<DuplexConnection, CompletionStage<?>> stage, Consumer<DuplexConnection> cause) {}

    private static Event read() {
        return new Event(DuplexConnection::readAsync, far -> write(far, "x"));
    }

    private static Event end() {
        return new Event(DuplexConnection::readAsync, far -> quietly(far::closeOutput));
    }

    private static Event reset() {
        return new Event(DuplexConnection::closed, DuplexConnection::abort);
    }

    private static Event listened() {
        return new Event(near -> near.listen(data -> null), far -> quietly(far::closeOutput));
    }

    @BothWays
    default void futuresCompleteOnTheExecutor(Connector connector) throws Exception {
        ExecutorService executor = executor();
        try {
            for (Event event : new Event[] {read(), end(), reset(), listened()}) {
                assertThat(threadOf(event, connector, connector.options().executor(executor)))
                        .isEqualTo(THREAD);
            }
        } finally {
            executor.shutdown();
        }
    }

    @BothWays
    default void writesThatWaitedCompleteOnTheExecutor(Connector connector) throws Exception {
        ExecutorService executor = executor();
        try {
            Connector.Ends ends = connector.connect(connector.options().executor(executor));
            long filled = Flood.fill(ends.near());
            CompletableFuture<String> thread = ends.near()
                    .writeAsync(Bytes.pattern(filled, 100))
                    .thenApply(ignored -> Thread.currentThread().getName());
            Bytes.readPattern(ends.far(), 0, filled + 100);
            assertThat(Await.result(thread)).isEqualTo(THREAD);
        } finally {
            executor.shutdown();
        }
    }

    @BothWays
    default void aListenerRunsOnTheExecutor(Connector connector) throws Exception {
        ExecutorService executor = executor();
        try {
            assertThat(listenerThread(connector, connector.options().executor(executor)))
                    .isEqualTo(THREAD);
        } finally {
            executor.shutdown();
        }
    }

    @BothWays
    default void callbacksDeclaredNonBlockingDoNotUseTheExecutor(Connector connector) throws Exception {
        Executor none = task -> {
            throw new AssertionError("the executor must not be used");
        };
        ConnectionOptions options =
                connector.options().nonBlockingCallbacks(true).executor(none);
        for (Event event : new Event[] {read(), end(), reset(), listened()}) {
            assertThat(threadOf(event, connector, options)).isNotEqualTo(THREAD);
        }
        assertThat(listenerThread(connector, options)).isNotEqualTo(THREAD);
    }

    @BothWays
    default void aNonBlockingListenerAnswersFromTheTransportsThread(Connector connector) throws Exception {
        Connector.Ends ends = connector.connect(connector.options().nonBlockingCallbacks(true));
        CompletableFuture<?> echoing = ends.near().listen(ends.near()::writeAsync);
        for (int i = 0; i < 50; i++) {
            ends.far().write(Bytes.of("ping"));
            assertThat(Bytes.readText(ends.far(), 4)).isEqualTo("ping");
        }
        ends.far().closeOutput();
        Await.result(echoing);
    }

    @BothWays
    default void aCallbackThatBlocksDelaysNobodyElse(Connector connector) throws Exception {
        Connector.Ends blocked = connector.connect();
        Connector.Ends other = connector.connect();
        CompletableFuture<Boolean> release = new CompletableFuture<>();
        CompletableFuture<Boolean> inside = new CompletableFuture<>();
        CompletableFuture<Boolean> listened = blocked.near()
                .listen(data -> {
                    inside.complete(true);
                    release.join();
                    return null;
                })
                .thenApply(ignored -> true);
        blocked.far().write(Bytes.of("x"));
        Await.result(inside);
        for (int i = 0; i < 10; i++) {
            other.far().write(Bytes.of("ping"));
            assertThat(Bytes.readText(other.near(), 4)).isEqualTo("ping");
        }
        blocked.near().write(Bytes.of("out"));
        assertThat(Bytes.readText(blocked.far(), 3)).isEqualTo("out");
        release.complete(true);
        blocked.far().closeOutput();
        assertThat(Await.result(listened)).isTrue();
    }

    @BothWays
    default void anExecutorThatRejectsLosesNothing(Connector connector) throws Exception {
        Executor rejecting = task -> {
            throw new RejectedExecutionException("full");
        };
        for (Event event : new Event[] {read(), end(), reset(), listened()}) {
            assertThat(threadOf(event, connector, connector.options().executor(rejecting)))
                    .isNotEqualTo(THREAD);
        }
    }

    /** On which thread the event's stage runs its dependents, when nothing has completed it before they were added. */
    private static String threadOf(Event event, Connector connector, ConnectionOptions options) throws Exception {
        Connector.Ends ends = connector.connect(options);
        CompletionStage<String> thread = event.stage()
                .apply(ends.near())
                .handle((value, failure) -> Thread.currentThread().getName());
        event.cause().accept(ends.far());
        return Await.result(thread);
    }

    private static String listenerThread(Connector connector, ConnectionOptions options) throws Exception {
        Connector.Ends ends = connector.connect(options);
        CompletableFuture<String> thread = new CompletableFuture<>();
        CompletableFuture<?> listening = ends.near().listen(data -> {
            thread.complete(Thread.currentThread().getName());
            return null;
        });
        ends.far().write(Bytes.of("x"));
        ends.far().closeOutput();
        Await.result(listening);
        return Await.result(thread);
    }

    private static ExecutorService executor() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, THREAD);
            thread.setDaemon(true);
            return thread;
        });
    }

    private static void write(DuplexConnection connection, String text) {
        quietly(() -> connection.write(Bytes.of(text)));
    }

    private static void quietly(Task.Action call) {
        try {
            call.run();
        } catch (Exception e) {
            throw new AssertionError("the peer failed: " + e, e);
        }
    }
}
