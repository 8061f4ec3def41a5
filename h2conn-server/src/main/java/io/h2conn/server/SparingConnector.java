package io.h2conn.server;

import io.h2conn.jetty.Reading;
import io.h2conn.jetty.SparingEndPoint;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A connector whose connections are {@link SparingEndPoint}s. */
final class SparingConnector extends ServerConnector {
    private final Reading reading;

    /** With one acceptor, and half as many selectors as there are processors. */
    SparingConnector(Server server, Reading reading, ConnectionFactory... protocols) {
        super(server, 1, Math.max(1, Runtime.getRuntime().availableProcessors() / 2), protocols);
        this.reading = reading;
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        SocketChannelEndPoint endPoint = new SparingEndPoint(channel, selector, key, getScheduler(), reading);
        endPoint.setIdleTimeout(getIdleTimeout());
        return endPoint;
    }
}
