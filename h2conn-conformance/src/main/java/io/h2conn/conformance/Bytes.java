package io.h2conn.conformance;

import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Bytes to send, and what arrives of them. */
final class Bytes {
    private static final int PIECE = 64 * 1024;

    private Bytes() {}

    /** Random bytes, the same for the same number. */
    static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer of(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** The byte at a position of the endless sequence that {@link Flood} writes. Repeats, but with a long period. */
    static byte patternAt(long position) {
        return (byte) (position * 31 + (position >> 8) * 7 + (position >> 16));
    }

    static ByteBuffer pattern(long position, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = patternAt(position + i);
        }
        return ByteBuffer.wrap(bytes);
    }

    static void requirePattern(ByteBuffer bytes, long position) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            long at = position + i - bytes.position();
            if (bytes.get(i) != patternAt(at)) {
                throw new AssertionError("the byte at position " + at + " of the stream is wrong: got " + bytes.get(i)
                        + ", sent " + patternAt(at));
            }
        }
    }

    /** Reads just so many bytes. */
    static byte[] read(DuplexConnection connection, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (connection.read(bytes) < 0) {
                throw new EOFException("the peer ended after " + bytes.position() + " of " + count + " bytes");
            }
        }
        return bytes.array();
    }

    static String readText(DuplexConnection connection, int count) throws IOException {
        return new String(read(connection, count), StandardCharsets.UTF_8);
    }

    /** Reads just so many bytes of the pattern, and checks each. */
    static void readPattern(DuplexConnection connection, long position, long count) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long left = count; left > 0; left -= piece.limit()) {
            piece.clear().limit((int) Math.min(left, PIECE));
            if (connection.read(piece) < 0) {
                throw new EOFException("the peer ended after " + (count - left) + " of " + count + " bytes");
            }
            requirePattern(piece.flip(), position + count - left);
        }
    }

    /** Reads the pattern to the peer's end, checks each byte, and returns how many there were. */
    static long readPatternToEnd(DuplexConnection connection, long position) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        long total = 0;
        while (connection.read(piece.clear()) >= 0) {
            requirePattern(piece.flip(), position + total);
            total += piece.limit();
        }
        return total;
    }

    static byte[] readToEnd(DuplexConnection connection) throws IOException {
        return connection.input().readAllBytes();
    }

    static String readTextToEnd(DuplexConnection connection) throws IOException {
        return new String(readToEnd(connection), StandardCharsets.UTF_8);
    }

    static byte[] repeat(byte value, int count) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, value);
        return bytes;
    }
}
