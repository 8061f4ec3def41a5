package io.h2conn.codec;

import org.jspecify.annotations.Nullable;

/**
 * A place in the order of all messages of a {@link Broadcast}. Entries are linked from each to the next only, so those that
 * every receiver has passed are garbage. A message that waits in a queue is not held by its entry: it would keep all
 * later ones.
 */
final class LogEntry {
    final EncodedMessage message;
    /** How many entries were before it. Of a message to one receiver: of no meaning. */
    final long number;
    /** For a message to one receiver, which is not in the log: the entry that it follows. */
    final @Nullable LogEntry after;

    private volatile @Nullable LogEntry next;
    /** Of a message to one receiver: whether that ended before it took it. Guarded by the receiver's lock. */
    private boolean refused;

    private LogEntry(EncodedMessage message, long number, @Nullable LogEntry after) {
        this.message = message;
        this.number = number;
        this.after = after;
    }

    /** The beginning of a log; nobody gets its message. */
    static LogEntry first() {
        return new LogEntry(new EncodedMessage(new byte[0], null), 0, null);
    }

    /** A message to one receiver, between {@code entry} and the one after it. */
    static LogEntry toOne(EncodedMessage message, LogEntry entry) {
        return new LogEntry(message, -1, entry);
    }

    /** Makes {@code message} the next of this entry, which is the last. Guarded by the broadcast's lock. */
    LogEntry append(EncodedMessage message) {
        LogEntry appended = new LogEntry(message, number + 1, null);
        next = appended;
        return appended;
    }

    /** The next entry, or {@code null} if this is the last. */
    @Nullable
    LogEntry next() {
        return next;
    }

    void refuse() {
        refused = true;
    }

    boolean isRefused() {
        return refused;
    }
}
