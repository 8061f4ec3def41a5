package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP connection, a client's or a server's, that writes frames byte by byte and keeps no rule by itself.
 * Frames gather in a batch until they are flushed. What comes in is read by a thread of its own once {@link #read} was
 * called, so that the other side is never held up by accident, and is held up for ever before.
 */
final class Wire implements AutoCloseable {
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
    private static final int TYPES = 256;

    private final Socket socket;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private final AtomicIntegerArray counts = new AtomicIntegerArray(TYPES);
    private final BlockingQueue<Frame> seen = new LinkedBlockingQueue<>();
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private volatile @Nullable Frame goAway;

    /**
     * How the other side has ended the TCP connection.
     *
     * @param code of its last GOAWAY, or {@code null} if it sent none
     * @param reason the words that came with it
     */
    record Ending(@Nullable ErrorCode code, String reason) {}

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
    }

    // ---------------------------------------------------------------- writing

    /** Adds what a client begins with; settings are pairs of identifier and value. */
    Wire preface(int... settings) {
        batch.writeBytes(PREFACE);
        return settings(settings);
    }

    Wire settings(int... settings) {
        ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return frame(Frame.SETTINGS, 0, 0, payload.array());
    }

    Wire frame(int type, int flags, int stream, byte... payload) {
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

    /** Adds a frame whose payload is one number of 32 bits: a code, or credit. */
    Wire number(int type, int stream, int number) {
        return frame(type, 0, stream, ByteBuffer.allocate(4).putInt(number).array());
    }

    Wire post(int stream, String path) {
        return frame(Frame.HEADERS, Frame.END_HEADERS, stream, Hpack.post(path).bytes());
    }

    Wire bytes(byte... raw) {
        batch.writeBytes(raw);
        return this;
    }

    int pending() {
        return batch.size();
    }

    /** Writes the batch in one piece; blocks while the other side does not read. */
    Wire flush() throws IOException {
        byte[] all = batch.toByteArray();
        batch.reset();
        socket.getOutputStream().write(all);
        return this;
    }

    /**
     * Writes a batch again and again.
     *
     * @return whether the other side has hung up before the end
     */
    boolean flood(int times) {
        byte[] all = batch.toByteArray();
        batch.reset();
        try {
            for (int i = 0; i < times; i++) {
                socket.getOutputStream().write(all);
            }
            return false;
        } catch (IOException e) {
            return true; // which is what floods are answered with
        }
    }

    // ---------------------------------------------------------------- reading

    /** Begins to read. */
    Wire read() {
        Thread thread = new Thread(this::readToEnd, "hostile-reader");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    /** Begins to read as a server: what a client begins with, and its frames. Answers with SETTINGS. */
    Wire accept(int... settings) throws IOException {
        byte[] preface = socket.getInputStream().readNBytes(PREFACE.length);
        assertThat(preface).isEqualTo(PREFACE);
        return settings(settings).frame(Frame.SETTINGS, Frame.ACK, 0).flush().read();
    }

    /** Reads as a server until the first request is there, and then no more. */
    Wire acceptAndReadNoMore() throws IOException {
        assertThat(socket.getInputStream().readNBytes(PREFACE.length)).isEqualTo(PREFACE);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        Frame frame = next(in);
        while (frame.type() != Frame.HEADERS) {
            frame = next(in);
        }
        return this;
    }

    private static Frame next(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        return new Frame(type, flags, stream, ByteBuffer.wrap(in.readNBytes(length)));
    }

    private void readToEnd() {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                note(next(in));
            }
        } catch (IOException e) {
            Frame last = goAway;
            if (last == null) {
                ending.complete(new Ending(null, e instanceof EOFException ? "" : e.toString()));
            } else {
                byte[] reason = new byte[last.payload().remaining() - 8];
                last.payload().get(8, reason);
                ending.complete(new Ending(ErrorCode.of(last.code()), new String(reason, UTF_8)));
            }
        }
    }

    private void note(Frame frame) {
        counts.incrementAndGet(frame.type());
        if (frame.type() == Frame.GOAWAY) {
            goAway = frame;
        }
        if (frame.type() != Frame.PING && frame.type() != Frame.WINDOW_UPDATE) {
            seen.add(frame);
        }
    }

    /** Takes the frames seen so far off the list, until one of a type, which must come in a few seconds. */
    Frame await(int type) throws InterruptedException {
        while (true) {
            Frame frame = seen.poll(10, SECONDS);
            assertThat(frame).as("a frame of type " + type).isNotNull();
            if (frame.type() == type) {
                return frame;
            }
        }
    }

    /** Waits for the answer to a PING: all that was sent before was looked at. */
    Wire await() throws Exception {
        int before = counts.get(Frame.PING);
        frame(Frame.PING, 0, 0, new byte[8]).flush();
        Eventually.holds("the answer to a PING", () -> counts.get(Frame.PING) > before);
        return this;
    }

    int count(int type) {
        return counts.get(type);
    }

    /** How the other side ends the TCP connection, which it must in a few seconds. */
    Ending ending() throws Exception {
        return ending.get(15, SECONDS);
    }

    boolean isOver() {
        return ending.isDone();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
