package io.h2conn.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Messages of 64 bytes that look random, and that a receiver can tell to be the right ones, in the right order. */
final class Payload {
    static final int BYTES = 64;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Payload() {}

    /** Makes message number {@code n}. */
    static void fill(byte[] message, long n) {
        long value = n;
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            LONGS.set(message, i, value);
            value = next(value);
        }
    }

    static byte[] make(long n) {
        byte[] message = new byte[BYTES];
        fill(message, n);
        return message;
    }

    /** Refuses whatever is not message number {@code n}. */
    static void check(byte[] message, long n) {
        long value = n;
        boolean same = message.length == BYTES;
        for (int i = 0; same && i < BYTES; i += Long.BYTES) {
            same = (long) LONGS.get(message, i) == value;
            value = next(value);
        }
        if (!same) {
            throw new AssertionError("message " + n + " is not the one that was sent");
        }
    }

    private static long next(long value) {
        long mixed = (value + 0x9E37_79B9_7F4A_7C15L) * 0xBF58_476D_1CE4_E5B9L;
        return mixed ^ (mixed >>> 31);
    }
}
