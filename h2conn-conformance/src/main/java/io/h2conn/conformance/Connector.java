package io.h2conn.conformance;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes the pairs of one test, near end first, and ends them after it. */
final class Connector {
    /** How long the ends may take to close in an orderly way, once a test is done with them, before they are aborted. */
    private static final Duration ORDERLY = Duration.ofSeconds(3);

    private final ConnectionSupplier supplier;
    private final Side near;
    private final LeakCheck leaks;
    private final List<Ends> opened = new ArrayList<>();
    private @Nullable Ends first;

    Connector(ConnectionSupplier supplier, Side near, LeakCheck leaks) {
        this.supplier = supplier;
        this.near = near;
        this.leaks = leaks;
    }

    /** A connected pair. */
    record Ends(DuplexConnection near, DuplexConnection far) {}

    /** Which end is the near one. */
    Side near() {
        return near;
    }

    Scale scale() {
        return supplier.scale();
    }

    boolean keepsInputBeforeTheEnd() {
        return supplier.keepsInputBeforeTheEnd();
    }

    /** The options that pairs have by default: a send buffer that suits the scale. */
    ConnectionOptions options() {
        return ConnectionOptions.defaults().sendBufferBytes(scale().sendBufferBytes());
    }

    /** The pair that a test takes as parameters. */
    Ends first() {
        Ends made = first;
        if (made == null) {
            made = connect();
            first = made;
        }
        return made;
    }

    Ends connect() {
        return connect(options());
    }

    Ends connect(ConnectionOptions options) {
        DuplexConnection.Pair pair;
        try {
            pair = supplier.connect(options);
        } catch (Exception e) {
            throw new AssertionError("the transport made no pair: " + e, e);
        }
        leaks.track(pair.client());
        leaks.track(pair.server());
        Ends ends =
                near == Side.CLIENT ? new Ends(pair.client(), pair.server()) : new Ends(pair.server(), pair.client());
        opened.add(ends);
        return ends;
    }

    /** Closes what the test has left open. In an orderly way if that works: resets in large numbers are an attack. */
    void close() throws Exception {
        // A test that was interrupted must not pass it on to the next.
        Thread.interrupted();
        List<CompletableFuture<?>> closing = new ArrayList<>();
        List<CompletableFuture<?>> ended = new ArrayList<>();
        for (Ends ends : opened) {
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                closing.add(end.closeAsync());
                ended.add(end.closed().toCompletableFuture());
            }
        }
        try {
            CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new))
                    .get(ORDERLY.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            for (Ends ends : opened) {
                ends.near().abort();
                ends.far().abort();
            }
        }
        // How a close ended that is only tidying up says nothing about the test; that it ended at all does.
        Await.until(() -> closing.stream().allMatch(CompletableFuture::isDone), "the ends finished closing");
    }
}
