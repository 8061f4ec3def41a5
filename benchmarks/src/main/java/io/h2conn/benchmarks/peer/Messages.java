package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbered messages that look random, and that a receiver can tell to be the right ones in the right order: the number,
 * the time at which it was sent, or 0, and bytes of {@link Pattern}.
 */
public final class Messages {
    /** Bytes of the small message that most workloads use. */
    public static final int SMALL = 64;

    /** Bytes. The least that a message has. */
    public static final int HEADER = 2 * Long.BYTES;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Messages() {}

    /**
     * Makes message number {@code n}.
     *
     * @param bytes at least {@link #HEADER}
     * @param time {@link System#nanoTime}, or 0
     */
    public static byte[] make(int bytes, long n, long time) {
        byte[] message = new byte[bytes];
        LONGS.set(message, 0, n);
        LONGS.set(message, Long.BYTES, time);
        long position = position(n);
        for (int done = HEADER; done < bytes; ) {
            int length = Math.min(Pattern.MAX_PIECE, bytes - done);
            System.arraycopy(Pattern.array(), Pattern.offset(position), message, done, length);
            done += length;
            position += length;
        }
        return message;
    }

    /**
     * Checks a message.
     *
     * @return when it was sent, or 0
     * @throws IOException if it is not message number {@code n}
     */
    public static long check(byte[] message, int bytes, long n) throws IOException {
        boolean right = message.length == bytes && (long) LONGS.get(message, 0) == n;
        long position = position(n);
        for (int done = HEADER; right && done < bytes; ) {
            int length = Math.min(Pattern.MAX_PIECE, bytes - done);
            int offset = Pattern.offset(position);
            right = Arrays.equals(message, done, done + length, Pattern.array(), offset, offset + length);
            done += length;
            position += length;
        }
        if (!right) {
            throw new IOException("message " + n + " of " + bytes + " bytes is not the one that was sent");
        }
        return (long) LONGS.get(message, Long.BYTES);
    }

    private static long position(long n) {
        return n * 61;
    }
}
