package io.h2conn.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/** A server that sends exactly the bytes that a test tells it to, and remembers what came. */
final class RawPeer implements AutoCloseable {
    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int GOAWAY = 0x7;
    static final int END_STREAM = 0x1;
    static final int END_HEADERS = 0x4;

    /** RFC 7541, appendix A: fields of the static table with their values. */
    static final byte[] STATUS_200 = {(byte) 0x88};

    static final byte[] STATUS_404 = {(byte) 0x8d};

    /** What to do on each TCP connection, on a thread of its own. The socket is closed afterwards. */
    interface Script {
        void run(Wire wire) throws Exception;
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares frames
    record Frame(int type, int flags, int stream, byte[] payload) {
        int code() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    private final ServerSocket server;
    private final AtomicInteger accepted = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    RawPeer(Script script) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    }

    RawPeer(ServerSocket server, Script script) {
        this.server = server;
        spawn("accept", () -> {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                sockets.add(socket);
                spawn("script", () -> {
                    try (socket) {
                        script.run(new Wire(socket));
                    }
                });
            }
        });
    }

    private interface Task {
        void run() throws Exception;
    }

    private void spawn(String role, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (SocketException | EOFException | SSLException e) {
                        // the test is over, or the client is
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                },
                "raw-peer-" + role);
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    String uri(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** TCP connections that neither the script nor the client has closed. */
    int open() {
        return (int) sockets.stream().filter(socket -> !socket.isClosed()).count();
    }

    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("the script failed", failures.get(0));
        }
    }

    /** One TCP connection. */
    static final class Wire {
        final Socket socket;
        final DataInputStream in;
        final DataOutputStream out;
        final BlockingQueue<Frame> seen = new LinkedBlockingQueue<>();

        Wire(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
            this.out = new DataOutputStream(socket.getOutputStream());
        }

        /** Exchanges prefaces; the settings are pairs of identifier and value. */
        void handshake(int... settings) throws IOException {
            byte[] preface = in.readNBytes(24);
            if (!new String(preface, US_ASCII).equals("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
                throw new AssertionError("not a preface: " + new String(preface, US_ASCII));
            }
            sendSettings(settings);
        }

        void sendSettings(int... settings) throws IOException {
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            DataOutputStream values = new DataOutputStream(payload);
            for (int i = 0; i < settings.length; i += 2) {
                values.writeShort(settings[i]);
                values.writeInt(settings[i + 1]);
            }
            send(SETTINGS, 0, 0, payload.toByteArray());
        }

        void send(int type, int flags, int stream, byte[] payload) throws IOException {
            synchronized (out) {
                out.writeByte(payload.length >> 16);
                out.writeShort(payload.length);
                out.writeByte(type);
                out.writeByte(flags);
                out.writeInt(stream);
                out.write(payload);
                out.flush();
            }
        }

        void sendCode(int type, int stream, int code) throws IOException {
            send(type, 0, stream, new byte[] {0, 0, 0, (byte) code});
        }

        void goAway(int lastStream, int code) throws IOException {
            send(GOAWAY, 0, 0, new byte[] {
                (byte) (lastStream >> 24),
                (byte) (lastStream >> 16),
                (byte) (lastStream >> 8),
                (byte) lastStream,
                0,
                0,
                0,
                (byte) code
            });
        }

        Frame read() throws IOException {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            Frame frame = new Frame(type, flags, stream, in.readNBytes(length));
            seen.add(frame);
            return frame;
        }

        /** The next frame of that type; others are skipped. */
        Frame await(int type) throws IOException {
            while (true) {
                Frame frame = read();
                if (frame.type() == type) {
                    return frame;
                }
            }
        }

        /** Reads until the client has closed the TCP connection. */
        void awaitEnd() throws IOException {
            try {
                while (true) {
                    read();
                }
            } catch (EOFException | SocketException e) {
                // that is it
            }
        }

        Frame seen(int type) throws InterruptedException {
            while (true) {
                Frame frame = seen.poll(10, TimeUnit.SECONDS);
                if (frame == null) {
                    throw new AssertionError("no frame of type " + type + " came");
                }
                if (frame.type() == type) {
                    return frame;
                }
            }
        }
    }
}
