package io.h2conn.codec;

import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where a codec writes a message: an {@link OutputStream} and {@link DataOutput} into memory that grows up to a maximum
 * and refuses more. Numbers are big-endian. Not safe for several threads at once.
 */
public final class MessageOutput extends OutputStream implements DataOutput {
    private static final int INITIAL_BYTES = 512;
    /** The largest array that every JVM can make. */
    private static final int MAX_CAPACITY = Integer.MAX_VALUE - 8;

    private static final String BATCH_TOO_LARGE =
            "the messages of a batch are larger than 2 GiB together; send fewer at once";

    private int maxBytes;
    private byte[] buffer;
    private ByteBuffer view;
    /** Where the message begins; what was prepended is before it. In the buffer: floor <= first <= start <= end. */
    private int start;

    private int first;
    /** Up to here, the buffer belongs to the messages before. */
    private int floor;

    private int end;

    /**
     * Makes room for one message.
     *
     * @param maxBytes how large it may become, at least 1
     * @throws IllegalArgumentException if {@code maxBytes} is less than 1
     */
    public MessageOutput(int maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes must be at least 1 but was " + maxBytes);
        }
        this.maxBytes = maxBytes;
        buffer = new byte[Math.min(INITIAL_BYTES, maxBytes)];
        view = ByteBuffer.wrap(buffer);
    }

    // ---------------------------------------------------------------- writing a message

    @Override
    public void write(int b) throws MessageTooLargeException {
        makeRoom(1);
        buffer[end++] = (byte) b;
    }

    @Override
    public void write(byte[] source) throws MessageTooLargeException {
        write(source, 0, source.length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws MessageTooLargeException {
        makeRoom(length);
        System.arraycopy(source, offset, buffer, end, length);
        end += length;
    }

    /**
     * Writes all bytes of a buffer.
     *
     * @param source its position moves to its limit
     * @throws MessageTooLargeException if the message becomes larger than the maximum
     */
    public void write(ByteBuffer source) throws MessageTooLargeException {
        int length = source.remaining();
        makeRoom(length);
        source.get(buffer, end, length);
        end += length;
    }

    @Override
    public void writeBoolean(boolean v) throws MessageTooLargeException {
        write(v ? 1 : 0);
    }

    @Override
    public void writeByte(int v) throws MessageTooLargeException {
        write(v);
    }

    @Override
    public void writeShort(int v) throws MessageTooLargeException {
        roomForNumber(2).putShort(end, (short) v);
        end += 2;
    }

    @Override
    public void writeChar(int v) throws MessageTooLargeException {
        writeShort(v);
    }

    @Override
    public void writeInt(int v) throws MessageTooLargeException {
        roomForNumber(4).putInt(end, v);
        end += 4;
    }

    @Override
    public void writeLong(long v) throws MessageTooLargeException {
        roomForNumber(8).putLong(end, v);
        end += 8;
    }

    @Override
    public void writeFloat(float v) throws MessageTooLargeException {
        writeInt(Float.floatToIntBits(v));
    }

    @Override
    public void writeDouble(double v) throws MessageTooLargeException {
        writeLong(Double.doubleToLongBits(v));
    }

    @Override
    public void writeBytes(String s) throws IOException {
        asData().writeBytes(s);
    }

    @Override
    public void writeChars(String s) throws IOException {
        asData().writeChars(s);
    }

    @Override
    public void writeUTF(String s) throws IOException {
        asData().writeUTF(s);
    }

    /** Writes the ASCII characters that a text begins with, and returns how many there are. */
    int writeAscii(String text) throws MessageTooLargeException {
        int length = text.length();
        makeRoom(length); // no character has less than a byte
        for (int i = 0; i < length; i++) {
            char next = text.charAt(i);
            if (next >= 0x80) {
                return i;
            }
            buffer[end++] = (byte) next;
        }
        return length;
    }

    /** For what is too rare, and too intricate, to do a second time. */
    private DataOutputStream asData() {
        return new DataOutputStream(this);
    }

    /**
     * How much has been written.
     *
     * @return bytes of the message, without what frames it
     */
    public int length() {
        return end - start;
    }

    // ---------------------------------------------------------------- framing

    /**
     * Puts a byte in front of everything, for a {@link Framing}. Not counted as part of the message.
     *
     * @param b the byte
     * @throws IllegalStateException if there are more of them than {@link Framing#maxHeaderBytes()}
     */
    public void prepend(int b) {
        if (first == floor) {
            throw new IllegalStateException("a header larger than its framing's maxHeaderBytes(), " + (start - floor));
        }
        buffer[--first] = (byte) b;
    }

    /**
     * Puts a byte after the message, for a {@link Framing}. Not counted as part of the message.
     *
     * @param b the byte
     */
    public void append(int b) {
        grow(1);
        buffer[end++] = (byte) b;
    }

    /**
     * What was written, with what frames it.
     *
     * @return a view of this object's own memory, good until the next call of a method
     */
    public ByteBuffer toByteBuffer() {
        return view.limit(end).position(first).order(ByteOrder.BIG_ENDIAN);
    }

    // ---------------------------------------------------------------- for the connection

    /** Empties it for another message. */
    void reset(int maxBytes, int headerBytes) {
        this.maxBytes = maxBytes;
        // Whoever was shown the message before may have read it in another order.
        view.order(ByteOrder.BIG_ENDIAN);
        floor = 0;
        start = headerBytes;
        first = headerBytes;
        end = headerBytes;
        if (buffer.length < headerBytes) {
            replace(new byte[headerBytes + INITIAL_BYTES]);
        }
    }

    /** Begins one more message behind what is there, for a batch; returns what {@link #joinBatch} wants to know. */
    int beginNext(int headerBytes) throws CodecException {
        if (headerBytes > MAX_CAPACITY - end) {
            throw new CodecException(BATCH_TOO_LARGE, null);
        }
        int batchEnd = end;
        grow(headerBytes);
        floor = batchEnd;
        end += headerBytes;
        start = end;
        first = end;
        return batchEnd;
    }

    /** Moves the last message to where the one before it ends, and makes one of both. */
    void joinBatch(int batchFirst, int batchEnd) {
        int gap = first - batchEnd;
        if (gap > 0) {
            System.arraycopy(buffer, first, buffer, batchEnd, end - first);
            end -= gap;
        }
        first = batchFirst;
        start = batchFirst;
    }

    int first() {
        return first;
    }

    int capacity() {
        return buffer.length;
    }

    // ---------------------------------------------------------------- for a codec that fills the memory itself

    /** Makes room behind what is there; returns the memory, which may be another than before. */
    byte[] room(int count) throws MessageTooLargeException {
        makeRoom(count);
        return buffer;
    }

    /** The memory, for as long as {@link #room} is not called. */
    byte[] memory() {
        return buffer;
    }

    /** Where in the memory the next byte belongs. */
    int end() {
        return end;
    }

    /** Up to where the memory may be filled without another {@link #room}. */
    int fillLimit() {
        return (int) Math.min(buffer.length, (long) start + maxBytes);
    }

    /** Notes up to where the memory was filled. */
    void filledTo(int index) {
        end = index;
    }

    private void makeRoom(int count) throws MessageTooLargeException {
        if (count > maxBytes - (end - start)) {
            throw MessageTooLargeException.sending(maxBytes);
        }
        grow(count);
    }

    private ByteBuffer roomForNumber(int bytes) throws MessageTooLargeException {
        makeRoom(bytes);
        return view.clear(); // toByteBuffer() limits it to what was there
    }

    private void grow(int count) {
        long needed = (long) end + count;
        if (needed > MAX_CAPACITY) {
            throw new IllegalArgumentException(BATCH_TOO_LARGE);
        }
        if (needed > buffer.length) {
            replace(Arrays.copyOf(buffer, (int) Math.min(MAX_CAPACITY, Math.max(needed, 2L * buffer.length))));
        }
    }

    private void replace(byte[] larger) {
        buffer = larger;
        view = ByteBuffer.wrap(buffer);
    }
}
