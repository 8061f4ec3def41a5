package io.h2conn.codec;

/**
 * A message is larger than the connection allows. A message that was to be sent was not sent; the rest of one that was
 * being received is skipped by the next {@code receive}, without being stored.
 */
public final class MessageTooLargeException extends CodecException {
    private static final long serialVersionUID = 1L;

    private final int maxMessageBytes;

    /**
     * Describes the message.
     *
     * @param message which message, and what to do about it
     * @param maxMessageBytes the limit that it exceeds
     */
    public MessageTooLargeException(String message, int maxMessageBytes) {
        super(message, null);
        this.maxMessageBytes = maxMessageBytes;
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
