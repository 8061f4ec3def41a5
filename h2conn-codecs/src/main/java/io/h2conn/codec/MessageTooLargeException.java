package io.h2conn.codec;

/**
 * A message is larger than the codec allows. A message that was to be sent was not sent; the rest of one that was being
 * received is skipped by the next {@code receive}, without being stored.
 */
public final class MessageTooLargeException extends CodecException {
    private static final long serialVersionUID = 1L;

    private final int maxMessageBytes;

    private MessageTooLargeException(String message, long offset, int maxMessageBytes) {
        super(message, null, offset);
        this.maxMessageBytes = maxMessageBytes;
    }

    static MessageTooLargeException sending(int maxMessageBytes) {
        return new MessageTooLargeException(
                "the message is larger than the maximum of " + maxMessageBytes
                        + " bytes; send less at once, or raise maxMessageBytes on both sides",
                NO_OFFSET,
                maxMessageBytes);
    }

    static MessageTooLargeException receiving(String what, long offset, int maxMessageBytes) {
        return new MessageTooLargeException(what, offset, maxMessageBytes);
    }

    /**
     * The limit that the message exceeds.
     *
     * @return bytes
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }
}
