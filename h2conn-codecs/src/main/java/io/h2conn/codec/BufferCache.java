package io.h2conn.codec;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Memory that is used for the moment of one call, kept for the next: a few buffers for the whole process, whatever the
 * number of connections. Slots without order: a thread tries two, and makes its own if both are empty.
 */
final class BufferCache {
    /** Bytes. What a connection delivers at once, at most. */
    private static final int ARRAY_BYTES = 64 * 1024;
    /** Bytes. An output that one large message has made larger than this is not kept. */
    private static final int LARGEST_OUTPUT_BYTES = 256 * 1024;

    private static final int SLOTS = 16;

    private static final AtomicReferenceArray<byte @Nullable []> ARRAYS = new AtomicReferenceArray<>(SLOTS);
    private static final AtomicReferenceArray<@Nullable MessageOutput> OUTPUTS = new AtomicReferenceArray<>(SLOTS);

    private BufferCache() {}

    /** An array of at least so many bytes, with anything in it. */
    static byte[] take(int bytes) {
        byte[] array = bytes > ARRAY_BYTES ? null : take(ARRAYS);
        return array == null ? new byte[Math.max(bytes, ARRAY_BYTES)] : array;
    }

    static void give(byte[] array) {
        if (array.length == ARRAY_BYTES) {
            give(ARRAYS, array);
        }
    }

    /** An output that is empty, or will be once it is reset. */
    static MessageOutput takeOutput() {
        MessageOutput output = take(OUTPUTS);
        return output == null ? new MessageOutput(Codec.DEFAULT_MAX_MESSAGE_BYTES) : output;
    }

    static void give(MessageOutput output) {
        if (output.capacity() <= LARGEST_OUTPUT_BYTES) {
            give(OUTPUTS, output);
        }
    }

    private static <T> @Nullable T take(AtomicReferenceArray<@Nullable T> slots) {
        int slot = slot();
        T found = slots.get(slot) == null ? null : slots.getAndSet(slot, null);
        return found == null ? slots.getAndSet(slot ^ 1, null) : found;
    }

    private static <T> void give(AtomicReferenceArray<@Nullable T> slots, T spent) {
        int slot = slot();
        slots.set(slots.get(slot) == null ? slot : slot ^ 1, spent);
    }

    private static int slot() {
        return (Thread.currentThread().hashCode() * 0x9E37_79B9) >>> 28;
    }
}
