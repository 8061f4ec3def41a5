package io.h2conn.codec;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Collects one encoded message, and refuses to grow beyond the limit. */
final class FrameOutput extends OutputStream {
    private static final int INITIAL_BYTES = 256;

    private final int maxBytes;
    /** Bytes after the message, such as a line feed, that the limit does not count. */
    private final byte[] suffix;

    private byte[] buffer;
    private int length;

    FrameOutput(int maxBytes, byte[] suffix) {
        this.maxBytes = maxBytes;
        this.suffix = suffix;
        buffer = new byte[Math.min(INITIAL_BYTES, maxBytes) + suffix.length];
    }

    @Override
    public void write(int b) throws MessageTooLargeException {
        makeRoom(1);
        buffer[length++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int offset, int count) throws MessageTooLargeException {
        makeRoom(count);
        System.arraycopy(source, offset, buffer, length, count);
        length += count;
    }

    private void makeRoom(int count) throws MessageTooLargeException {
        if (count > maxBytes - length) {
            throw new MessageTooLargeException(
                    "the message to send is larger than maxMessageBytes, " + maxBytes
                            + "; it was not sent. Send less at once, or raise the limit on both sides",
                    maxBytes);
        }
        int needed = length + count + suffix.length;
        if (needed > buffer.length) {
            long doubled = Math.min(2L * buffer.length, (long) maxBytes + suffix.length);
            buffer = Arrays.copyOf(buffer, (int) Math.max(needed, doubled));
        }
    }

    /** Appends the suffix and returns everything, ready to be written. */
    ByteBuffer finish() {
        System.arraycopy(suffix, 0, buffer, length, suffix.length);
        return ByteBuffer.wrap(buffer, 0, length + suffix.length);
    }
}
