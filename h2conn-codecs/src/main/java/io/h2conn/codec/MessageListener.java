package io.h2conn.codec;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Receives messages as they arrive, without holding a thread between them. Given to {@link MessageConnection#listen},
 * which says on which thread it runs and how the end is reported. Calls for one connection never overlap.
 *
 * @param <I> the type of the messages
 */
@FunctionalInterface
public interface MessageListener<I> {
    /**
     * Takes the next message.
     *
     * @param message the message
     * @return {@code null} when done with it, or a stage that completes when done with it. Until then no further message is
     *     delivered, and the peer can send no more than the flow-control window: this is the backpressure. A stage that
     *     fails ends the listening
     * @throws Exception to end the listening; {@link MessageConnection#listen}'s future fails with it
     */
    @Nullable
    CompletionStage<?> onMessage(I message) throws Exception;

    /**
     * Learns of a message that could not be decoded, or was too large. Passes over it by returning; ends the listening,
     * unless overridden. Not asked when nothing more can be received: that ends the listening in any case.
     *
     * @param failure which message, and why
     * @throws Exception to end the listening
     */
    default void onMalformedMessage(CodecException failure) throws Exception {
        throw failure;
    }
}
