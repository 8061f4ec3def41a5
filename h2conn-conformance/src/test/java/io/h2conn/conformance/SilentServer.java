package io.h2conn.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/**
 * A server that reads all that comes, says that a stream may have more than a session, and never anything else: neither an answer nor
 * credit.
 */
final class SilentServer implements AutoCloseable {
    /** RFC 9113, section 6.5: SETTINGS with an INITIAL_WINDOW_SIZE of 1 MiB. */
    private static final byte[] SETTINGS = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 16, 0, 0};

    private final ServerSocket listening;
    private final CompletableFuture<Void> over;

    SilentServer() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        over = CompletableFuture.runAsync(this::serve);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/");
    }

    private void serve() {
        try (Socket socket = listening.accept();
                InputStream in = socket.getInputStream()) {
            socket.getOutputStream().write(SETTINGS);
            in.skip(Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        over.join();
    }
}
