package io.h2conn.codec;

import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Feeds a listener with the messages in what arrives, one after the other, whenever it is ready for the next. */
final class Feed<I> {
    private final DuplexConnection connection;
    private final Inbox<I> inbox;
    private final MessageListener<? super I> listener;

    Feed(DuplexConnection connection, Inbox<I> inbox, MessageListener<? super I> listener) {
        this.connection = connection;
        this.inbox = inbox;
        this.listener = listener;
    }

    /** Begins with what has arrived already. The future completes after the last message. */
    CompletableFuture<@Nullable Void> start() {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        CompletionStage<?> unused = feedOn().thenCompose(fed -> listen()).whenComplete((fed, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure instanceof CompletionException e ? e.getCause() : failure);
            }
        });
        return done;
    }

    private CompletableFuture<@Nullable Void> listen() {
        return connection.listen(this::onData).thenCompose(ended -> feedLast());
    }

    private @Nullable CompletionStage<?> onData(ByteBuffer data) throws Exception {
        inbox.copy(data);
        return feed();
    }

    /** Feeds all whole messages that are there. Returns {@code null} when that is done, or a future of it. */
    private @Nullable CompletableFuture<@Nullable Void> feed() throws Exception {
        while (true) {
            I message;
            try {
                message = inbox.next();
            } catch (CodecException e) {
                if (e.isFatal()) {
                    throw e; // there is no next message to go on with
                }
                listener.onMalformedMessage(e);
                continue;
            }
            if (message == null) {
                inbox.settle();
                return null;
            }
            CompletionStage<?> stage = listener.onMessage(message);
            // Not every future tells whether it is done: one that is a mere stage throws.
            CompletableFuture<?> wanted = stage == null ? null : stage.toCompletableFuture();
            if (wanted != null && !isDoneWell(wanted)) {
                return wanted.thenCompose(done -> feedOn());
            }
        }
    }

    private CompletableFuture<@Nullable Void> feedOn() {
        try {
            CompletableFuture<@Nullable Void> rest = feed();
            return rest == null ? CompletableFuture.completedFuture(null) : rest;
        } catch (Throwable t) {
            return CompletableFuture.failedFuture(t); // whatever a codec or a listener throws ends the listening
        }
    }

    private static boolean isDoneWell(CompletableFuture<?> future) {
        return future.isDone() && !future.isCompletedExceptionally();
    }

    private CompletableFuture<@Nullable Void> feedLast() {
        I message;
        try {
            try {
                message = inbox.last();
            } catch (CodecException e) {
                listener.onMalformedMessage(e);
                message = null;
            }
            CompletionStage<?> wanted = message == null ? null : listener.onMessage(message);
            return wanted == null
                    ? CompletableFuture.completedFuture(null)
                    : wanted.toCompletableFuture().thenApply(done -> null);
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
