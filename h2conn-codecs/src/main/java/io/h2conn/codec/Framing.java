package io.h2conn.codec;

/**
 * Finds messages in a stream of bytes that arrives in pieces cut anywhere. Keeps its place between pieces, so that every
 * byte is looked at once however often a receive times out. Not safe for several threads at once.
 */
interface Framing {
    /**
     * Passes over what may stand between two messages.
     *
     * @return the index of the first byte of a message, or {@code to} if there is none yet
     */
    int skipSeparators(byte[] buffer, int from, int to);

    /**
     * Looks for the end of the message that has begun.
     *
     * @param from the first byte not looked at yet
     * @return the index after the last byte of the message, or -1 if it goes on after {@code to}
     */
    int findEnd(byte[] buffer, int from, int to);

    /**
     * Whether the bytes of the message that has begun are a whole message, now that the input has ended.
     *
     * @param from the first byte of the message
     */
    boolean isCompleteAtEnd(byte[] buffer, int from, int to);
}
