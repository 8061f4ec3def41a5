package io.h2conn.internal;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers for what is on its way to the wire, in three sizes, shared by all connections so that an idle one holds
 * none. Direct, because the operating system can write them without a further copy. What is kept for later is bounded;
 * beyond that a released buffer is left to the garbage collector.
 */
public final class BufferPool {
    /** Bytes. A message or a few. */
    static final int SMALL = 2 * 1024;
    /** Bytes. What a burst gathers at first, and the payload of a TLS record. */
    static final int MEDIUM = 16 * 1024;
    /** Bytes. One frame of a bulk write, or of a burst that goes on. */
    static final int LARGE = 64 * 1024;

    private static final int KEPT_BYTES = 4 * 1024 * 1024;

    private static final Shelf[] SHELVES = {new Shelf(SMALL), new Shelf(MEDIUM), new Shelf(LARGE)};
    private static final LongAdder OUTSTANDING = new LongAdder();

    private BufferPool() {}

    /** Hands out an empty buffer of the smallest size that holds {@code bytes}, or of the largest size. */
    static ByteBuffer acquire(int bytes) {
        Shelf shelf = SHELVES[bytes <= SMALL ? 0 : bytes <= MEDIUM ? 1 : 2];
        OUTSTANDING.increment();
        return shelf.take();
    }

    /** A buffer will not come back: it is for the garbage collector. */
    static void forget() {
        OUTSTANDING.decrement();
    }

    /** Takes a buffer back. The caller must be sure that nobody reads it any more. */
    static void release(ByteBuffer buffer) {
        OUTSTANDING.decrement();
        for (Shelf shelf : SHELVES) {
            if (shelf.size == buffer.capacity()) {
                shelf.put(buffer);
                return;
            }
        }
        throw new AssertionError("not a buffer of this pool: " + buffer);
    }

    /**
     * How many buffers are handed out now, for leak checks.
     *
     * @return buffers; 0 when every connection of the process is idle or ended
     */
    public static long outstanding() {
        return OUTSTANDING.sum();
    }

    private static final class Shelf {
        private final int size;
        private final ConcurrentLinkedQueue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();
        private final AtomicInteger room;

        Shelf(int size) {
            this.size = size;
            this.room = new AtomicInteger(KEPT_BYTES / size);
        }

        ByteBuffer take() {
            @Nullable ByteBuffer buffer = buffers.poll();
            if (buffer == null) {
                return ByteBuffer.allocateDirect(size);
            }
            room.incrementAndGet();
            return buffer.clear();
        }

        void put(ByteBuffer buffer) {
            if (room.getAndDecrement() > 0) {
                buffers.add(buffer);
            } else {
                room.incrementAndGet();
            }
        }
    }
}
