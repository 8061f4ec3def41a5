package io.h2conn.internal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived and is not yet read, and the credit that the peer is owed for what was. Not safe for threads: guarded
 * by the engine's lock. Releases nothing itself, since that calls the transport: what is spent is taken and released
 * outside the lock.
 *
 * <p>A piece lives in the transport's memory until it is read, and may hold on to far more of it than its own size. So a
 * small one is copied when it has to wait, and a large one when the pieces that wait hold too much already: whatever the
 * peer sends, and however it cuts it, a connection costs no more than {@link #HELD_FREELY} and a few bytes for each byte
 * that is unread.
 */
final class ReceiveQueue {
    /** Bytes. Pieces below this are copied when they have to wait: each may hold on to a network buffer of 64 KiB. */
    private static final int COPY_BELOW = 8 * 1024;
    /** Bytes. What such copies are gathered in. */
    private static final int COPY_BUFFER = 4 * 1024;
    /** Bytes. The same, for the first one: most connections that nobody reads just now have but one message. */
    private static final int FIRST_COPY_BUFFER = 512;

    /** Bytes. What one connection may hold without a reason: one network buffer. */
    private static final int HELD_FREELY = 64 * 1024;
    /** Bytes that may be held for each one that is unread. Bulk data, in pieces that fill their buffers, needs one. */
    private static final int HELD_PER_BYTE = 2;

    private final ShortQueue<Chunk> chunks = new ShortQueue<>();
    private final ShortQueue<Chunk> spent = new ShortQueue<>();
    private int unread;
    private int uncredited;
    /** Bytes that a listener has. */
    private int lent;
    /** Bytes. What the transport's pieces in the queue hold on to; never more than a small multiple of what is unread. */
    private int held;

    /**
     * Takes over a piece.
     *
     * @param awaited whether somebody waits for it, and is about to take it
     */
    void add(Chunk chunk, boolean awaited) {
        int bytes = chunk.data().remaining();
        if (isCopied(chunk, bytes, awaited)) {
            append(chunk.data());
            spent.add(chunk);
        } else {
            chunks.add(chunk);
            held += chunk.held();
        }
        unread += bytes;
    }

    private boolean isCopied(Chunk chunk, int bytes, boolean awaited) {
        if (bytes < COPY_BELOW) {
            return !awaited || !chunks.isEmpty();
        }
        return held + chunk.held() > HELD_FREELY + HELD_PER_BYTE * (unread + bytes);
    }

    private void append(ByteBuffer data) {
        while (data.hasRemaining()) {
            if (chunks.peekLast() instanceof Copy tail && tail.room() > 0) {
                tail.append(data);
            } else {
                int least = chunks.isEmpty() ? FIRST_COPY_BUFFER : COPY_BUFFER;
                chunks.add(new Copy(Math.max(least, data.remaining())));
            }
        }
    }

    /** A piece leaves the queue. */
    private @Nullable Chunk poll() {
        Chunk head = chunks.poll();
        if (head != null && !(head instanceof Copy)) {
            held -= head.held();
        }
        return head;
    }

    int unread() {
        return unread;
    }

    /** Copies as much as there is and fits. */
    int read(ByteBuffer dst) {
        int total = 0;
        Chunk head;
        while (dst.hasRemaining() && (head = chunks.peek()) != null) {
            ByteBuffer data = head.data();
            int n = Math.min(data.remaining(), dst.remaining());
            int limit = data.limit();
            data.limit(data.position() + n);
            dst.put(data);
            data.limit(limit);
            total += n;
            if (!data.hasRemaining()) {
                poll();
                spent.add(head);
            }
        }
        unread -= total;
        uncredited += total;
        return total;
    }

    /** Lends the next piece; {@link #returned} gives it back. */
    @Nullable
    Chunk lend() {
        Chunk head = poll();
        if (head != null) {
            int bytes = head.data().remaining();
            unread -= bytes;
            lent += bytes;
        }
        return head;
    }

    /** A piece went to the listener without waiting here. */
    void noteLent(int bytes) {
        lent += bytes;
    }

    /** Bytes that have arrived, and for which the peer has no credit yet. */
    int outstanding() {
        return unread + lent + uncredited;
    }

    /** The listener is done with bytes it was lent. */
    void returned(int bytes) {
        lent -= bytes;
        uncredited += bytes;
    }

    /** Drops everything unread. */
    void discard() {
        for (Chunk chunk = poll(); chunk != null; chunk = poll()) {
            spent.add(chunk);
        }
        uncredited += unread;
        unread = 0;
    }

    /** Drops a piece on arrival. */
    void discard(Chunk chunk) {
        uncredited += chunk.data().remaining();
        spent.add(chunk);
    }

    /** Takes the next piece that nobody needs any more, to be released without the lock. */
    @Nullable
    Chunk takeSpent() {
        return spent.poll();
    }

    /**
     * Takes the credit that is due: enough to be worth a frame, or, without a batch size, whenever nothing is unread.
     */
    int takeCredit(int batch) {
        boolean due = batch > 0 ? uncredited >= batch : unread == 0;
        if (!due) {
            return 0;
        }
        int credit = uncredited;
        uncredited = 0;
        return credit;
    }

    /** Copied pieces. The space behind the limit is still free. */
    private static final class Copy implements Chunk {
        private final ByteBuffer data;

        Copy(int capacity) {
            data = ByteBuffer.allocate(capacity).limit(0);
        }

        int room() {
            return data.capacity() - data.limit();
        }

        void append(ByteBuffer more) {
            int end = data.limit();
            int n = Math.min(room(), more.remaining());
            data.limit(end + n);
            data.put(end, more, more.position(), n);
            more.position(more.position() + n);
        }

        @Override
        public ByteBuffer data() {
            return data;
        }

        @Override
        public void release() {
            // Heap memory of our own: nobody wants it back.
        }
    }
}
