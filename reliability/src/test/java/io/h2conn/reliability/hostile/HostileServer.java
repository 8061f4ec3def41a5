package io.h2conn.reliability.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A server that does on each TCP connection what a script says. */
final class HostileServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Wire> wires = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    /** Runs on a thread of its own; the TCP connection stays open afterwards. */
    interface Script {
        void run(Wire wire) throws Exception;
    }

    HostileServer(Script script) throws IOException {
        start("accept", () -> {
            while (!server.isClosed()) {
                Socket socket = accept();
                if (socket != null) {
                    Wire wire = new Wire(socket);
                    wires.add(wire);
                    start("script", () -> script.run(wire));
                }
            }
        });
    }

    private @Nullable Socket accept() {
        try {
            return server.accept();
        } catch (IOException e) {
            return null; // the test is over
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    private void start(String role, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                },
                "hostile-" + role);
        thread.setDaemon(true);
        thread.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
    }

    /** The only TCP connection. */
    Wire wire() throws Exception {
        Eventually.holds("a TCP connection", () -> !wires.isEmpty());
        return wires.get(0);
    }

    @Override
    public void close() throws Exception {
        server.close();
        for (Wire wire : wires) {
            wire.close();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("the script failed", failures.get(0));
        }
    }
}
