package io.h2conn;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Receives what the peer sends, piece by piece, without holding a thread between pieces.
 *
 * <p>Given to {@link DuplexConnection#listen}, which says on which thread it runs and how the end is reported. Calls for
 * one connection never overlap.
 */
@FunctionalInterface
public interface DataListener {
    /**
     * Takes the next piece.
     *
     * <p>The buffer is the transport's own memory, lent until the returned stage completes; a listener that wants the
     * bytes for longer copies them. Until then no further piece is delivered, and the peer can send no more than the
     * flow-control window: this is the backpressure.
     *
     * @param data at least one byte; where one piece ends and the next begins means nothing
     * @return {@code null} when done with the buffer, or a stage that completes when done with it; a stage that fails
     *     ends the listening
     * @throws Exception to end the listening; {@link DuplexConnection#listen}'s stage fails with it
     */
    @Nullable
    CompletionStage<?> onData(ByteBuffer data) throws Exception;
}
