package io.h2conn.conformance;

import io.h2conn.CloseReason;
import io.h2conn.DuplexConnection;
import io.h2conn.internal.BufferPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves something behind: buffers of the library, what a {@link LeakProbe} counts, connections that
 * it {@linkplain #track tracks} and that have not ended, threads of the library that are still busy, or an exception that
 * nobody caught, in whatever thread. What is on its way back when the test ends is waited for, a few seconds at most.
 *
 * <pre>{@code
 * @RegisterExtension
 * final LeakCheck leaks = new LeakCheck().probe(new LeakProbe("open streams", server::openStreams));
 *
 * @Test
 * void greets() throws IOException {
 *     DuplexConnection connection = leaks.track(client.connect(uri));
 *     ...
 * }
 * }</pre>
 *
 * <p>Buffers, threads and uncaught exceptions belong to the process, so tests that run at the same time see each other's:
 * use it where tests run one after the other, as they do in JUnit by default.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(5);

    private final List<Supplier<? extends Collection<LeakProbe>>> sources = new ArrayList<>();
    private final Map<DuplexConnection, CompletableFuture<CloseReason>> tracked = new LinkedHashMap<>();
    private final Queue<Uncaught> uncaught = new ConcurrentLinkedQueue<>();
    private Duration patience = DEFAULT_PATIENCE;

    private Map<LeakProbe, Long> before = Map.of();
    private BusyThreads busyBefore = BusyThreads.NONE;
    private Thread.@Nullable UncaughtExceptionHandler previousHandler;

    /** Checks what belongs to the library itself: its buffers, its threads, and exceptions that nobody caught. */
    public LeakCheck() {
        probe(new LeakProbe("buffers of the library's pool", BufferPool::outstanding));
    }

    private record Uncaught(String thread, Throwable exception) {}

    /**
     * Checks something else as well.
     *
     * @param probe must not rise during a test
     * @return this
     */
    public LeakCheck probe(LeakProbe probe) {
        return probes(() -> List.of(probe));
    }

    /**
     * Checks several things that are known only when a test starts.
     *
     * @param source called before each test
     * @return this
     */
    public LeakCheck probes(Supplier<? extends Collection<LeakProbe>> source) {
        sources.add(source);
        return this;
    }

    /**
     * Sets how long what is on its way back is waited for.
     *
     * @param limit 5 seconds by default
     * @return this
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public LeakCheck patience(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("patience must not be negative but was " + limit);
        }
        patience = limit;
        return this;
    }

    /**
     * Demands that a connection has ended when the test has. Any thread may call this.
     *
     * @param <C> the connection's type
     * @param connection which one
     * @return the same connection
     */
    public <C extends DuplexConnection> C track(C connection) {
        synchronized (tracked) {
            tracked.put(connection, connection.closed().toCompletableFuture());
        }
        return connection;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Map<LeakProbe, Long> counts = new LinkedHashMap<>();
        for (Supplier<? extends Collection<LeakProbe>> source : sources) {
            source.get().forEach(probe -> counts.put(probe, probe.count().getAsLong()));
        }
        before = counts;
        busyBefore = BusyThreads.now();
        uncaught.clear();
        previousHandler = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, exception) -> uncaught.add(new Uncaught(thread.getName(), exception)));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            List<String> left = new ArrayList<>();
            Await.becomes(
                    () -> {
                        left.clear();
                        left.addAll(leaks());
                        return left.isEmpty();
                    },
                    patience);
            if (!left.isEmpty() || !uncaught.isEmpty()) {
                throw failure(left);
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(previousHandler);
            synchronized (tracked) {
                tracked.clear();
            }
        }
    }

    private AssertionError failure(List<String> left) {
        List<String> all = new ArrayList<>(left);
        uncaught.forEach(
                e -> all.add("thread " + e.thread + " died of an exception that nobody caught: " + e.exception));
        AssertionError error = new AssertionError("the test left behind: " + String.join("; ", all));
        uncaught.forEach(e -> error.addSuppressed(e.exception));
        return error;
    }

    /** What is not back yet, cheapest questions first. */
    private List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        before.forEach((probe, count) -> {
            long more = probe.count().getAsLong() - count;
            if (more > 0) {
                leaks.add(more + " more " + probe.name() + " than before");
            }
        });
        synchronized (tracked) {
            tracked.forEach((connection, ended) -> {
                if (!ended.isDone()) {
                    leaks.add("the connection " + connection + ", which has not ended: close or abort it");
                }
            });
        }
        if (leaks.isEmpty()) {
            leaks.addAll(BusyThreads.now().since(busyBefore));
        }
        return leaks;
    }
}
