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
     * Compression by deflate in the zlib format: RFC 1950, with a checksum, which HTTP calls {@code deflate} and Go
     * {@code compress/zlib}. Each message is a stream of its own, without a preset dictionary; the JDK's default level is
     * used, and any level is understood. Bytes that are cut off, changed, or followed by others are a
     * {@link CodecException}.
     *
     * <p>Nothing is compressed unless asked for, because it is not free:
     *
     * <ul>
     *   <li>The size of a message tells what is in it, even when it is encrypted. Never compress a secret together with
     *       text that somebody else may choose: by trying texts and watching sizes, they find out the secret, as in the
     *       attacks named CRIME and BREACH. Messages that are compressed apart tell nothing about each other.
     *   <li>It takes time, to compress some ten times as much as to undo it, and adds it to the latency of each message.
     *       Messages of less than some hundred bytes hardly become smaller, and random bytes become a little larger.
     *   <li>A thousand bytes can stand for a million. The maximum holds for both: a message that would become larger is a
     *       {@link MessageTooLargeException} as soon as it does. Still, a peer can make this side work more than it does
     *       itself.
     * </ul>
     *
     * @return the transformation, shared
     */
    static Transformation deflate() {
        return Deflate.INSTANCE;
    }

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
