package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How one type of message looks as bytes. Two methods are all that one needs:
 *
 * <pre>{@code
 * record Point(double x, double y) {}
 *
 * final class PointCodec implements Codec<Point> {
 *     public void encode(Point point, MessageOutput output) throws IOException {
 *         output.writeDouble(point.x());
 *         output.writeDouble(point.y());
 *     }
 *
 *     public Point decode(ByteBuffer message) {
 *         return new Point(message.getDouble(), message.getDouble());
 *     }
 * }
 * }</pre>
 *
 * <p>The {@link #framing()} marks where one message ends and the next begins; a codec never sees it. It is the length of
 * each message, in front of it, unless the codec says otherwise.
 *
 * <p><b>Threads.</b> One codec serves any number of connections, in both directions, and any number of threads at once, so
 * it is stateless, or keeps its state apart for each call.
 *
 * <p><b>Errors.</b> Whatever {@code encode} or {@code decode} throws, apart from an {@link Error}, becomes a
 * {@link CodecException} that names the codec by its {@code toString()}; it costs that message only.
 *
 * @param <T> the type of the messages
 */
public interface Codec<T> {
    /** Bytes. The largest message unless a codec says otherwise. */
    int DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;

    /**
     * Writes a message.
     *
     * @param message what to write
     * @param output where to; refuses more than {@link #maxMessageBytes()}
     * @throws IOException if the message cannot be encoded: nothing of it is sent
     */
    void encode(T message, MessageOutput output) throws IOException;

    /**
     * Reads a message.
     *
     * @param message exactly the bytes of one message, in an array ({@link ByteBuffer#hasArray()}), in big-endian order.
     *     They are valid during the call only: copy what the result keeps
     * @return the message, never {@code null}
     * @throws IOException if these bytes are not a message
     */
    T decode(ByteBuffer message) throws IOException;

    /**
     * How messages are told apart in the stream of bytes.
     *
     * @return {@link Framing#lengthPrefixed()} unless overridden
     */
    default Framing framing() {
        return Framing.lengthPrefixed();
    }

    /**
     * The largest message, not counting what the framing adds. In force in both directions, before memory is allocated.
     *
     * @return bytes; {@value #DEFAULT_MAX_MESSAGE_BYTES} unless overridden
     */
    default int maxMessageBytes() {
        return DEFAULT_MAX_MESSAGE_BYTES;
    }

    /**
     * This codec with another maximum.
     *
     * @param bytes the largest message, from 1 to 1 GiB
     * @return the same codec otherwise
     * @throws IllegalArgumentException if {@code bytes} is out of range
     */
    default Codec<T> withMaxMessageBytes(int bytes) {
        return new ResizedCodec<>(this, bytes);
    }

    /**
     * This codec with its bytes transformed, compressed for one. The result is framed by its length, whatever this
     * codec's framing. The maximum holds for the bytes of this codec; the transformed ones may have as many more as the
     * worst case of the transformation needs ({@link Transformation#maxBytes}).
     *
     * @param transformation what to do with the bytes
     * @return a codec for the same type
     */
    default Codec<T> through(Transformation transformation) {
        return new TransformedCodec<>(this, transformation);
    }
}
