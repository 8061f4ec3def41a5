package io.h2conn.codec;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The framed bytes of one message, shared by all who get it: never changed, and in no pool that could reuse them. */
final class EncodedMessage {
    private final ByteBuffer bytes;
    private final Object key;
    private volatile boolean abandoned;

    /**
     * @param bytes belong to this object from now on
     * @param coalescingKey a waiting message is replaced by a later one with an equal key; {@code null} for never
     */
    EncodedMessage(byte[] bytes, @Nullable Object coalescingKey) {
        this.bytes = ByteBuffer.wrap(bytes);
        this.key = coalescingKey == null ? this : coalescingKey;
    }

    /** Unique, unless it may be replaced by, or replace, a message with an equal key. */
    Object key() {
        return key;
    }

    int size() {
        return bytes.capacity();
    }

    /** All of it, for one reader. */
    ByteBuffer view() {
        return bytes.duplicate();
    }

    /** Its sender waits no longer: whoever has not taken it by now does not get it. */
    void abandon() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }
}
