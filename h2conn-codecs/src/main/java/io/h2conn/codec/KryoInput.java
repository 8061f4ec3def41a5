package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message from the array that it is in. Kryo's own input makes arrays as large as the bytes say, moves the bytes
 * of its array when they come to an end, and leaves characters of an earlier string where it does not understand a byte.
 * This one makes nothing that the bytes left in the message cannot fill, changes nothing and refuses such a byte.
 */
final class KryoInput extends Input {
    private static final byte[] NOTHING = {};
    /** Of the memory in which strings are put together, which is kept from one message to the next. */
    private static final int LARGEST_KEPT_CHARS = 16 * 1024;

    KryoInput() {
        super(NOTHING);
    }

    void begin(byte[] array, int offset, int length) {
        setBuffer(array, offset, length);
        setTotal(-offset);
    }

    int remaining() {
        return limit - position;
    }

    /** Lets go of the message. */
    void release() {
        setBuffer(NOTHING);
        if (chars.length > LARGEST_KEPT_CHARS) {
            chars = new char[32];
        }
    }

    @Override
    protected int require(int required) {
        int remaining = limit - position;
        if (remaining < required) {
            throw new KryoException(
                    "it ends too early: " + required + " more bytes were expected where " + remaining + " are left");
        }
        return remaining;
    }

    @Override
    protected int optional(int optional) {
        int remaining = limit - position;
        return remaining == 0 ? -1 : Math.min(remaining, optional);
    }

    @Override
    public void skip(int count) {
        checkFits(count, 1);
        position += count;
    }

    // ---------------------------------------------------------------- strings

    @Override
    public @Nullable String readString() {
        if (!readVarIntFlag()) {
            return super.readString(); // grows with the bytes that are there
        }
        int length = readVarIntFlag(true) - 1;
        if (length <= 0) {
            return checkNotNegative(length) ? "" : null;
        }
        checkFits(length, 1);
        int plain = countAscii(length);
        if (plain == length) {
            position += length;
            return new String(buffer, position - length, length, ISO_8859_1);
        }
        return new String(readChars(length, plain), 0, length);
    }

    @Override
    public @Nullable StringBuilder readStringBuilder() {
        String text = readString();
        return text == null ? null : new StringBuilder(text);
    }

    /** Whether a length is zero, and not that of {@code null}, which is one less. */
    private static boolean checkNotNegative(int length) {
        if (length < -1) {
            throw new KryoException("a string of " + Integer.toUnsignedLong(length) + " characters");
        }
        return length == 0;
    }

    private int countAscii(int length) {
        int index = position;
        int end = index + length;
        while (index < end && buffer[index] >= 0) {
            index++;
        }
        return index - position;
    }

    private char[] readChars(int length, int plain) {
        if (chars.length < length) {
            chars = new char[length];
        }
        for (int i = 0; i < plain; i++) {
            chars[i] = (char) buffer[position++];
        }
        for (int i = plain; i < length; i++) {
            chars[i] = readUtf8Char();
        }
        return chars;
    }

    /** Up to 3 bytes: Kryo encodes a character beyond 16 bits as the two halves of its surrogate pair. */
    private char readUtf8Char() {
        int first = readByte();
        if (first >= 0) {
            return (char) first;
        } else if ((first & 0xE0) == 0xC0) {
            return (char) ((first & 0x1F) << 6 | readContinuation());
        } else if ((first & 0xF0) == 0xE0) {
            return (char) ((first & 0x0F) << 12 | readContinuation() << 6 | readContinuation());
        }
        throw new KryoException("a string with a byte that begins no character: " + (first & 0xFF));
    }

    private int readContinuation() {
        int next = readByte();
        if ((next & 0xC0) != 0x80) {
            throw new KryoException("a string with a byte that continues no character: " + (next & 0xFF));
        }
        return next & 0x3F;
    }

    // ---------------------------------------------------------------- arrays

    @Override
    public byte[] readBytes(int length) {
        checkFits(length, 1);
        return super.readBytes(length);
    }

    @Override
    public int[] readInts(int length) {
        checkFits(length, 4);
        return super.readInts(length);
    }

    @Override
    public int[] readInts(int length, boolean optimizePositive) {
        checkFits(length, 1);
        return super.readInts(length, optimizePositive);
    }

    @Override
    public long[] readLongs(int length) {
        checkFits(length, 8);
        return super.readLongs(length);
    }

    @Override
    public long[] readLongs(int length, boolean optimizePositive) {
        checkFits(length, 1);
        return super.readLongs(length, optimizePositive);
    }

    @Override
    public float[] readFloats(int length) {
        checkFits(length, 4);
        return super.readFloats(length);
    }

    @Override
    public double[] readDoubles(int length) {
        checkFits(length, 8);
        return super.readDoubles(length);
    }

    @Override
    public short[] readShorts(int length) {
        checkFits(length, 2);
        return super.readShorts(length);
    }

    @Override
    public char[] readChars(int length) {
        checkFits(length, 2);
        return super.readChars(length);
    }

    @Override
    public boolean[] readBooleans(int length) {
        checkFits(length, 1);
        return super.readBooleans(length);
    }

    private void checkFits(int count, int bytesOfEach) {
        if (count < 0 || (long) count * bytesOfEach > limit - position) {
            throw new KryoException("a length of " + Integer.toUnsignedLong(count) + ", where " + (limit - position)
                    + " bytes are left");
        }
    }
}
