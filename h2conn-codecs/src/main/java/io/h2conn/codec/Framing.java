package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How messages are told apart in a stream of bytes that may be cut anywhere. A framing is stateless and shared; what it
 * remembers of one stream is in the {@link Scanner} that it makes for it.
 */
public interface Framing {
    /**
     * Each message after its length in 4 bytes, big-endian and unsigned.
     *
     * @return the framing
     */
    static Framing lengthPrefixed() {
        return LengthFraming.FIXED;
    }

    /**
     * Each message after its length as an unsigned varint of 1 to 5 bytes: 7 bits in each, the lowest first, the high bit
     * set in all but the last.
     *
     * @return the framing
     */
    static Framing varintPrefixed() {
        return LengthFraming.VARINT;
    }

    /**
     * Every message has the same size, and nothing else is on the wire.
     *
     * @param bytes the size of each message, at least 1
     * @return the framing
     * @throws IllegalArgumentException if {@code bytes} is less than 1
     */
    static Framing fixed(int bytes) {
        return new FixedFraming(bytes);
    }

    /**
     * Each message is a line: it ends with a line feed, or a carriage return and a line feed, which are not part of it.
     * Sent with a line feed; what is sent must contain none. At the end of the input the last line need not have one.
     *
     * @return the framing
     */
    static Framing lines() {
        return LineFraming.INSTANCE;
    }

    /**
     * Each message is a JSON value, followed by a line feed. Received values may be separated by any white space or by
     * none, and have white space inside.
     *
     * @return the framing
     */
    static Framing json() {
        return JsonFraming.INSTANCE;
    }

    /**
     * No boundaries at all: a message is whatever has arrived, and need not be what the peer sent in one piece.
     *
     * @return the framing
     */
    static Framing none() {
        return ChunkFraming.INSTANCE;
    }

    /**
     * How many bytes {@link #frame} may put in front of a message.
     *
     * @return bytes, 0 unless overridden
     */
    default int maxHeaderBytes() {
        return 0;
    }

    /**
     * How many bytes at the end of a message may only mark its end.
     *
     * @return bytes, 0 unless overridden
     */
    default int maxTrailerBytes() {
        return 0;
    }

    /**
     * Bytes that may stand between two messages and mean nothing, for {@link MessageConnection#keepAlive}.
     *
     * @return the bytes; none unless overridden: everything on the wire belongs to a message
     */
    default byte[] keepAlive() {
        return new byte[0];
    }

    /**
     * Marks the boundaries of a message that has been encoded, by {@link MessageOutput#prepend} and
     * {@link MessageOutput#append}.
     *
     * @param output exactly one message
     * @throws IOException if a message with these bytes cannot be framed: nothing of it is sent
     */
    void frame(MessageOutput output) throws IOException;

    /**
     * Begins to look at a stream.
     *
     * @param maxMessageBytes the largest message that will be accepted
     * @return a scanner for one stream
     */
    Scanner scanner(int maxMessageBytes);

    /**
     * Finds the messages of one stream, looking at every byte once. Used by one thread at a time, and turn by turn:
     * {@link #begin} until it finds the beginning of a message, {@link #end} until it finds its end, and again. All
     * buffers are in arrays, with an {@link ByteBuffer#arrayOffset()} of 0.
     */
    interface Scanner {
        /**
         * Between two messages: takes what stands before the next one, such as white space or a length, by moving the
         * position of {@code input}. May leave bytes that it cannot understand yet: it is given them again with more.
         *
         * @param input what has arrived and was not taken
         * @return whether a message begins at the position of {@code input}
         * @throws IOException if these bytes cannot come before a message: nothing more can be received, ever
         */
        boolean begin(ByteBuffer input) throws IOException;

        /**
         * The length of the message that has begun, as far as the framing knows it.
         *
         * @return bytes, or -1 if only the end of the message will tell
         */
        default long length() {
            return -1;
        }

        /**
         * Inside a message: takes its bytes, all that are there or as far as its end, by moving the position of
         * {@code input}.
         *
         * @param input what has arrived and was not looked at; may be empty
         * @return whether the message ends at the position of {@code input}
         */
        boolean end(ByteBuffer input);

        /**
         * How many bytes at the end of the message that has ended only mark its end and are not part of it.
         *
         * @return bytes, 0 unless overridden
         */
        default int trailerBytes() {
            return 0;
        }

        /**
         * Whether the message that has begun is complete if the stream ends here.
         *
         * @param message what there is of it; empty if the message was too large to be kept
         * @return {@code false} unless overridden: the stream was cut
         */
        default boolean endsHere(ByteBuffer message) {
            return false;
        }
    }
}
