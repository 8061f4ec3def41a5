package io.h2conn.benchmarks.peer;

import io.h2conn.DuplexConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Sends the pattern without a thread: each time that there is room again, as much as goes in at once. */
final class H2connSource {
    private final DuplexConnection connection;
    private final Sink sink = new Sink();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private volatile boolean stopped;
    private long sent;

    H2connSource(DuplexConnection connection) {
        this.connection = connection;
    }

    /** Until the client ends its half. */
    CompletionStage<?> serve() {
        CompletionStage<?> ended = H2connServices.listen(connection, sink);
        CompletionStage<?> stop = ended.whenComplete((end, failure) -> {
            stopped = true;
            if (failure != null) {
                done.completeExceptionally(failure);
            }
        });
        send();
        return done.thenCombine(stop, (sending, stopping) -> stopping)
                .thenCompose(both -> H2connServices.write(connection, new Receipt(sink.received(), sent, null)));
    }

    private void send() {
        while (!stopped) {
            CompletableFuture<?> accepted = connection.writeAsync(Pattern.piece(sent, Pattern.MAX_PIECE));
            sent += Pattern.MAX_PIECE;
            if (!accepted.isDone() || accepted.isCompletedExceptionally()) {
                accepted.whenComplete((room, failure) -> {
                    if (failure == null) {
                        send();
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
                return;
            }
        }
        done.complete(null);
    }
}
