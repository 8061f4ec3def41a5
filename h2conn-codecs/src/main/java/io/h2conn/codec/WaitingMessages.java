package io.h2conn.codec;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The messages that wait for one receiver of a broadcast, in a bounded queue. Guarded by the receiver's lock. */
final class WaitingMessages {
    /** Bytes. Messages that wait go out together, up to the size of a usual frame (RFC 9113, section 4.2). */
    private static final int GATHERED_BYTES = 16 * 1024;

    private final int maxMessages;
    private final long maxBytes;
    /** By {@link EncodedMessage#key()}: putting an equal key replaces a message where it is. */
    private final Map<Object, EncodedMessage> queue = new LinkedHashMap<>();

    private long bytes;

    WaitingMessages(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    int size() {
        return queue.size();
    }

    long bytes() {
        return bytes;
    }

    /** Any message has room where no other waits. */
    boolean hasRoomFor(EncodedMessage message) {
        EncodedMessage replaced = queue.get(message.key());
        int messagesThen = queue.size() + (replaced == null ? 1 : 0);
        long bytesThen = bytes + message.size() - (replaced == null ? 0 : replaced.size());
        return messagesThen == 1 || (messagesThen <= maxMessages && bytesThen <= maxBytes);
    }

    /** Adds a message for which there is room. Returns whether it replaces one with an equal key. */
    boolean put(EncodedMessage message) {
        EncodedMessage replaced = queue.put(message.key(), message);
        bytes += message.size();
        if (replaced != null) {
            bytes -= replaced.size();
        }
        return replaced != null;
    }

    /** Takes the message that has waited longest; there must be one. */
    EncodedMessage removeOldest() {
        Iterator<EncodedMessage> oldest = queue.values().iterator();
        EncodedMessage removed = oldest.next();
        oldest.remove();
        bytes -= removed.size();
        return removed;
    }

    /** Takes what goes out next: the oldest message or, copied into one piece, the oldest few if they are small. */
    ByteBuffer removeForOneWrite() {
        int messages = 0;
        int size = 0;
        for (EncodedMessage message : queue.values()) {
            if (messages > 0 && message.size() > GATHERED_BYTES - size) {
                break;
            }
            messages++;
            size += message.size();
        }
        if (messages == 1) {
            return removeOldest().view();
        }
        ByteBuffer gathered = ByteBuffer.allocate(size);
        for (int i = 0; i < messages; i++) {
            gathered.put(removeOldest().view());
        }
        return gathered.flip();
    }

    @Override
    public String toString() {
        return queue.size() + " messages (" + bytes + " bytes)";
    }
}
