package io.h2conn.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/** A connector that counts what costs most: writes to the socket, and how often the selector finds input. */
final class CountingConnector extends ServerConnector {
    final AtomicInteger writes = new AtomicInteger();
    final AtomicInteger selections = new AtomicInteger();
    /** Who has read from a socket last. */
    volatile @Nullable Thread reader;

    CountingConnector(Server server) {
        super(server, 1, 1, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        setHost("127.0.0.1");
    }

    void reset() {
        writes.set(0);
        selections.set(0);
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        SocketChannelEndPoint endPoint = new SocketChannelEndPoint(channel, selector, key, getScheduler()) {
            @Override
            public boolean flush(ByteBuffer... buffers) throws IOException {
                writes.incrementAndGet();
                return super.flush(buffers);
            }

            @Override
            public int fill(ByteBuffer buffer) throws IOException {
                reader = Thread.currentThread();
                return super.fill(buffer);
            }

            @Override
            public @Nullable Runnable onSelected() {
                selections.incrementAndGet();
                return super.onSelected();
            }
        };
        endPoint.setIdleTimeout(getIdleTimeout());
        return endPoint;
    }
}
