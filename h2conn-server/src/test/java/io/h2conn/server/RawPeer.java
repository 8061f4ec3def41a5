package io.h2conn.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A client that writes frames byte by byte (RFC 9113, section 4.1), several in one TCP segment if need be. */
final class RawPeer implements AutoCloseable {
    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int GOAWAY = 0x7;
    static final int WINDOW_UPDATE = 0x8;

    static final int END_STREAM = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;

    private static final int ACK = 0x1;

    private final Socket socket;
    private final DataInputStream in;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();

    /** One frame from the server. */
    record Received(int type, int flags, int stream, ByteBuffer payload) {}

    RawPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
        in = new DataInputStream(socket.getInputStream());
        batch.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        frame(SETTINGS, 0, 0, new byte[0]);
        flush();
        await(SETTINGS);
        frame(SETTINGS, ACK, 0, new byte[0]);
        flush();
    }

    /** Adds a POST to {@code /} to the batch. */
    RawPeer headers(int stream, int flags) {
        byte[] authority = "localhost".getBytes(US_ASCII);
        // RFC 7541, appendix A: :method POST, :scheme http, :path /, and a literal value for :authority.
        byte[] block = ByteBuffer.allocate(5 + authority.length)
                .put((byte) 0x83)
                .put((byte) 0x86)
                .put((byte) 0x84)
                .put((byte) 0x01)
                .put((byte) authority.length)
                .put(authority)
                .array();
        return frame(HEADERS, flags | END_HEADERS, stream, block);
    }

    /** Adds a frame to the batch. */
    RawPeer frame(int type, int flags, int stream, byte[] payload) {
        batch.writeBytes(ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array());
        return this;
    }

    /** Writes the batch in one piece. */
    RawPeer flush() throws IOException {
        socket.getOutputStream().write(batch.toByteArray());
        batch.reset();
        return this;
    }

    Received next() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Received(type, flags, stream, ByteBuffer.wrap(payload));
    }

    /** Skips frames until one of a type. */
    Received await(int type) throws IOException {
        while (true) {
            Received frame = next();
            if (frame.type() == type) {
                return frame;
            }
        }
    }

    /** Ends the TCP connection: FIN. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
