package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Changes the bytes of messages on their way, for example compresses or encrypts them, whatever codec made them; see
 * {@link Codec#through}.
 *
 * <p>Serves any number of connections and threads at once.
 */
public interface Transformation {
    /**
     * Transforms an encoded message.
     *
     * @param message the bytes that the codec has made, in an array; valid during the call only
     * @param output where the transformed bytes go; refuses more than {@link #maxBytes} of the codec's maximum
     * @throws IOException if it cannot be done: nothing of the message is sent
     */
    void apply(ByteBuffer message, MessageOutput output) throws IOException;

    /**
     * Undoes {@link #apply}.
     *
     * @param message the transformed bytes, in an array; valid during the call only
     * @param output where the codec's bytes go; refuses more than the codec's maximum, so that a small message cannot
     *     become an endless one
     * @throws IOException if these are not transformed bytes
     */
    void undo(ByteBuffer message, MessageOutput output) throws IOException;

    /**
     * How large the transformed bytes of a message can become.
     *
     * @param bytes the size of the message
     * @return bytes; the same unless overridden
     */
    default int maxBytes(int bytes) {
        return bytes;
    }
}
