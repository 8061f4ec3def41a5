package io.h2conn.internal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What was accepted and is not yet written: a bounded queue of pooled buffers, the last one being filled, and the piece
 * that the transport has now. Not safe for threads: guarded by the engine's lock.
 */
final class SendBuffer {
    private final int capacity;
    private final ShortQueue<ByteBuffer> queue = new ShortQueue<>();
    private int queued;
    private long accepted;
    private @Nullable ByteBuffer inFlight;
    private int inFlightBytes;

    SendBuffer(int capacity) {
        this.capacity = capacity;
    }

    /** Copies what fits. {@code room} is how many bytes may follow soon, and should find place in the same buffer. */
    int put(ByteBuffer src, int room) {
        int total = 0;
        while (src.hasRemaining() && size() < capacity) {
            ByteBuffer tail = queue.peekLast();
            if (tail == null || !tail.hasRemaining()) {
                tail = BufferPool.acquire(Math.max(src.remaining(), room));
                queue.add(tail);
            }
            int n = Math.min(Math.min(src.remaining(), tail.remaining()), capacity - size());
            int limit = src.limit();
            src.limit(src.position() + n);
            tail.put(src);
            src.limit(limit);
            queued += n;
            accepted += n;
            total += n;
        }
        return total;
    }

    /** Moves the first buffer, or an empty one if there is none, to the transport. */
    ByteBuffer takeOff() {
        ByteBuffer first = queue.poll();
        if (first == null) {
            first = EMPTY;
        } else {
            first.flip();
        }
        inFlightBytes = first.remaining();
        queued -= inFlightBytes;
        inFlight = first;
        return first;
    }

    /** The transport no longer reads what it had. */
    int land() {
        ByteBuffer landed = inFlight;
        int bytes = inFlightBytes;
        inFlight = null;
        inFlightBytes = 0;
        if (landed != null && landed.capacity() > 0) {
            BufferPool.release(landed);
        }
        return bytes;
    }

    /** The transport keeps what it had: nobody else may have that memory. */
    void forget() {
        if (inFlight != null && inFlight.capacity() > 0) {
            BufferPool.forget();
        }
        inFlight = null;
        inFlightBytes = 0;
    }

    /** Drops what the transport does not have. */
    void discardQueued() {
        for (ByteBuffer buffer = queue.poll(); buffer != null; buffer = queue.poll()) {
            BufferPool.release(buffer);
        }
        queued = 0;
    }

    /** Bytes put in so far; right also when no memory was to be had in the middle of a put. */
    long accepted() {
        return accepted;
    }

    /** Bytes that the transport does not have yet. */
    int queued() {
        return queued;
    }

    boolean hasQueued() {
        return queued > 0;
    }

    /** Bytes accepted and not yet known to be written. */
    int size() {
        return queued + inFlightBytes;
    }

    /**
     * Bytes that the transport has taken from the piece it has. It may take more at this moment, on another thread: whether
     * there was progress since a look some time ago, this tells.
     */
    int taken() {
        return inFlight == null ? 0 : inFlight.position(); // its limit is the transport's to move
    }

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
}
