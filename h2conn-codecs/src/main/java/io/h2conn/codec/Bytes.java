package io.h2conn.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Searching in arrays of bytes, eight at a time. */
final class Bytes {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Bytes() {}

    /** Returns the index of the first {@code wanted} in {@code bytes[from..to)}, or -1. */
    static int indexOf(byte wanted, byte[] bytes, int from, int to) {
        long pattern = LOW_BITS * (wanted & 0xFF);
        int index = from;
        for (; index <= to - Long.BYTES; index += Long.BYTES) {
            long zeros = zeroBytes((long) LONGS.get(bytes, index) ^ pattern);
            if (zeros != 0) {
                return index + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        for (; index < to; index++) {
            if (bytes[index] == wanted) {
                return index;
            }
        }
        return -1;
    }

    /** Returns the index of the first {@code one} or {@code other} in {@code bytes[from..to)}, or {@code to}. */
    static int indexOfEither(byte one, byte other, byte[] bytes, int from, int to) {
        long first = LOW_BITS * (one & 0xFF);
        long second = LOW_BITS * (other & 0xFF);
        int index = from;
        for (; index <= to - Long.BYTES; index += Long.BYTES) {
            long word = (long) LONGS.get(bytes, index);
            long zeros = zeroBytes(word ^ first) | zeroBytes(word ^ second);
            if (zeros != 0) {
                return index + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        while (index < to && bytes[index] != one && bytes[index] != other) {
            index++;
        }
        return index;
    }

    /** The high bit of the lowest byte that is zero, and possibly of bytes above it, which the callers do not look at. */
    private static long zeroBytes(long word) {
        return (word - LOW_BITS) & ~word & HIGH_BITS;
    }
}
