package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A client's input from a {@link Service#SINK} or a {@link Service#SOURCE}: bytes of {@link Pattern}, then a receipt. */
final class BulkInput {
    private final Link link;
    private final Sink sink = new Sink();
    private final ByteBuffer buffer = ByteBuffer.allocate(Pattern.MAX_PIECE);

    BulkInput(Link link) {
        this.link = link;
    }

    /** Reads what is there, and checks all but the last bytes, which may be the receipt. */
    boolean read() throws IOException {
        if (link.read(buffer) < 0) {
            return false;
        }
        buffer.flip();
        int limit = buffer.limit();
        if (limit > Receipt.BYTES) {
            buffer.limit(limit - Receipt.BYTES);
            sink.take(buffer);
            buffer.limit(limit);
        }
        buffer.compact();
        return true;
    }

    /**
     * Compares the receipt with what has arrived, once there is no more to read.
     *
     * @param sent bytes that this side has sent
     * @return how many bytes have arrived, without the receipt
     * @throws IOException if it says something else
     */
    long checkReceipt(long sent) throws IOException {
        byte[] receipt = new byte[buffer.flip().remaining()];
        buffer.get(receipt);
        Receipt.from(receipt).check(sent, sink.received());
        return sink.received();
    }
}
