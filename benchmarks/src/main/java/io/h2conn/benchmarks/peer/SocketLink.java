package io.h2conn.benchmarks.peer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A socket. A message is its length in 4 bytes, then its bytes. */
final class SocketLink implements Link {
    /** Bytes that one read may take, when messages are received. */
    private static final int READ_AHEAD_BYTES = 64 * 1024;

    private final Socket socket;
    private final InputStream input;
    private final OutputStream output;
    /** Only where messages are sent and received. */
    private ByteBuffer sending = ByteBuffer.allocate(0);

    private @Nullable ByteBuffer arrived;

    SocketLink(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        input = socket.getInputStream();
        output = socket.getOutputStream();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        output.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        bytes.position(bytes.limit());
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        int length = input.read(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
        if (length > 0) {
            buffer.position(buffer.position() + length);
        }
        return length;
    }

    /** What goes over the wire for a message. */
    static ByteBuffer frame(byte[] message) {
        return frame(message, ByteBuffer.allocate(Integer.BYTES + message.length));
    }

    private static ByteBuffer frame(byte[] message, ByteBuffer empty) {
        return empty.putInt(message.length).put(message).flip();
    }

    @Override
    public void send(byte[] message) throws IOException {
        if (sending.capacity() < Integer.BYTES + message.length) {
            sending = ByteBuffer.allocate(Integer.BYTES + message.length);
        }
        write(frame(message, sending.clear()));
    }

    @Override
    public byte @Nullable [] receive() throws IOException {
        ByteBuffer buffer = arrived;
        if (buffer == null) {
            buffer = ByteBuffer.allocate(READ_AHEAD_BYTES).flip();
            arrived = buffer;
        }
        while (buffer.remaining() < Integer.BYTES) {
            buffer.compact();
            int length = read(buffer);
            buffer.flip();
            if (length < 0) {
                if (buffer.hasRemaining()) {
                    throw new EOFException("the peer has ended its half inside a message's length");
                }
                return null;
            }
        }
        byte[] message = new byte[buffer.getInt()];
        int there = Math.min(message.length, buffer.remaining());
        buffer.get(message, 0, there);
        readFully(ByteBuffer.wrap(message, there, message.length - there));
        return message;
    }

    @Override
    public void closeOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
