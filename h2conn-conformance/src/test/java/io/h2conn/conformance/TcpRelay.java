package io.h2conn.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Stands between a client and a server on loopback, looks at what passes, and breaks the TCP connections when told. */
final class TcpRelay implements AutoCloseable {
    /** How long nothing passes before all that was under way counts as arrived. */
    private static final Duration QUIET = Duration.ofMillis(60);

    private final ServerSocket listening;
    private final int target;
    private final Tap tap;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong passed = new AtomicLong();
    private final AtomicBoolean fromClientStalled = new AtomicBoolean();
    private final AtomicBoolean fromServerStalled = new AtomicBoolean();
    private volatile boolean closed;

    /** Sees the bytes of one TCP connection before they go on. Each direction has a thread of its own. */
    interface Tap {
        Tap NONE = (fromClient, bytes, length) -> {};

        void pass(boolean fromClient, byte[] bytes, int length);
    }

    TcpRelay(int target, Tap tap) throws IOException {
        this.target = target;
        this.tap = tap;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("relay-accept", this::acceptAll);
    }

    /** The server's address, by way of this relay. */
    URI via(URI server) {
        return URI.create(server.getScheme() + "://127.0.0.1:" + listening.getLocalPort() + "/");
    }

    /** How many TCP connections there have been. */
    int accepted() {
        return accepted.get();
    }

    /** Waits until nothing is under way any more. */
    void awaitQuiet() {
        long seen;
        do {
            seen = passed.get();
            long last = seen;
            Await.becomes(() -> passed.get() != last, QUIET);
        } while (passed.get() != seen);
    }

    /** Lets nothing pass in one direction any more, and keeps the TCP connections: as a cable does that was pulled. */
    void stall(boolean fromClient) {
        (fromClient ? fromClientStalled : fromServerStalled).set(true);
    }

    /** Lets everything pass again. */
    void resume() {
        fromClientStalled.set(false);
        fromServerStalled.set(false);
        synchronized (this) {
            notifyAll();
        }
    }

    private synchronized void awaitPassage(boolean fromClient) throws IOException {
        while ((fromClient ? fromClientStalled : fromServerStalled).get() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException("nobody interrupts a relay", e);
            }
        }
    }

    /** Breaks all TCP connections: with a TCP reset, or in TCP's orderly way, which to HTTP/2 is no end either. */
    void breakAll(boolean reset) throws IOException {
        for (Socket socket : sockets) {
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        }
        sockets.clear();
    }

    private void acceptAll() throws IOException {
        while (true) {
            Socket client = listening.accept();
            accepted.incrementAndGet();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(client);
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            start("relay-from-client", () -> pump(true, client, server));
            start("relay-from-server", () -> pump(false, server, client));
        }
    }

    private void pump(boolean fromClient, Socket from, Socket to) throws IOException {
        byte[] bytes = new byte[64 * 1024];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
            awaitPassage(fromClient);
            tap.pass(fromClient, bytes, n);
            out.write(bytes, 0, n);
            passed.addAndGet(n);
        }
        to.shutdownOutput();
    }

    private void start(String name, Task.Action body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (IOException e) {
                        // A relay ends by breaking: whatever matters about it, the two ends report.
                        if (!closed && name.equals("relay-accept")) {
                            throw new AssertionError("the relay stopped accepting", e);
                        }
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        resume();
        listening.close();
        breakAll(false);
        for (Thread thread : threads) {
            Await.until(() -> !thread.isAlive(), thread.getName() + " ends");
        }
    }
}
