package io.h2conn.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A port of 127.0.0.1 that does not answer: its queue of connections is full, and so the kernel drops what comes. */
final class BlackHole implements AutoCloseable {
    private final ServerSocket listener;
    private final List<SocketChannel> queue = new ArrayList<>();

    BlackHole(int port) throws IOException {
        listener = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        InetSocketAddress address = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
        for (int i = 0; i < 4; i++) {
            SocketChannel queued = SocketChannel.open();
            queue.add(queued);
            queued.configureBlocking(false);
            queued.connect(address);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel queued : queue) {
            queued.close();
        }
        listener.close();
    }
}
