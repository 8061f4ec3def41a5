package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An endless sequence of bytes that look random; a receiver can tell whether it has the right ones at the right place. */
public final class Pattern {
    /** Bytes. The most that one write or one check takes. */
    public static final int MAX_PIECE = 64 * 1024;

    /** Bytes after which the pattern begins again: not a multiple of a piece, so that pieces cannot change places. */
    private static final int PERIOD = 1_000_008;

    /** One period, and behind it the beginning of the next, so that each piece is in one place. */
    private static final byte[] BYTES = generate();

    private Pattern() {}

    private static byte[] generate() {
        ByteBuffer bytes = ByteBuffer.allocate(PERIOD + MAX_PIECE);
        long value = 1;
        while (bytes.position() < PERIOD) {
            bytes.putLong(value);
            value = next(value);
        }
        bytes.put(bytes.duplicate().position(0).limit(MAX_PIECE));
        return bytes.array();
    }

    /** The generator, the same in every language. */
    static long next(long value) {
        long mixed = (value + 0x9E37_79B9_7F4A_7C15L) * 0xBF58_476D_1CE4_E5B9L;
        return mixed ^ (mixed >>> 31);
    }

    /**
     * The next piece to send. Not to be written to.
     *
     * @param position how many bytes were sent before
     * @param length at most {@link #MAX_PIECE}
     */
    public static ByteBuffer piece(long position, int length) {
        return ByteBuffer.wrap(BYTES, offset(position), length);
    }

    /** The array behind every {@link #piece}, for those who need it. */
    public static byte[] array() {
        return BYTES;
    }

    /** Where in {@link #array} a piece begins. */
    public static int offset(long position) {
        return (int) (position % PERIOD);
    }

    /**
     * Checks what has arrived, and leaves the buffer as it was.
     *
     * @param position how many bytes had arrived before
     * @throws IOException if a byte is wrong
     */
    public static void check(ByteBuffer arrived, long position) throws IOException {
        for (int done = 0; done < arrived.remaining(); ) {
            int length = Math.min(MAX_PIECE, arrived.remaining() - done);
            ByteBuffer part = arrived.duplicate();
            part.position(arrived.position() + done).limit(arrived.position() + done + length);
            int wrong = part.mismatch(piece(position + done, length));
            if (wrong >= 0) {
                throw new IOException("byte " + (position + done + wrong) + " is not the one that was sent");
            }
            done += length;
        }
    }
}
