package io.h2conn.benchmarks.peer;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** The server of {@link JettyWebSocketPeer}. */
final class JettyWebSocketServer implements PeerServer {
    /** Connections that may wait to be accepted while many are opened. */
    private static final int ACCEPT_QUEUE = 1024;

    private final Set<Session> feed = ConcurrentHashMap.newKeySet();
    private final Server server = new Server();
    private final ServerConnector connector;

    JettyWebSocketServer(Security security) throws Exception {
        connector = security == Security.TLS
                ? new ServerConnector(server, JettyWebSocketPeer.configured(new SslContextFactory.Server()))
                : new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, this::map));
        server.start();
    }

    private void map(ServerWebSocketContainer container) {
        JettyWebSocketPeer.configure(container);
        container.addMapping(Service.ECHO.path(), (request, response, callback) -> new JettyWebSocketEndpoints.Echo());
        container.addMapping(
                Service.SINK.path(), (request, response, callback) -> new JettyWebSocketEndpoints.Bulk(false));
        container.addMapping(
                Service.SOURCE.path(), (request, response, callback) -> new JettyWebSocketEndpoints.Bulk(true));
        container.addMapping(
                Service.MESSAGES.path(), (request, response, callback) -> new JettyWebSocketEndpoints.Numbered());
        container.addMapping(
                Service.FEED.path(), (request, response, callback) -> new JettyWebSocketEndpoints.Feed(feed));
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public int receivers() {
        return feed.size();
    }

    @Override
    public void broadcast(long n) {
        byte[] message = Messages.make(Messages.SMALL, n, 0);
        // Jetty closes what it cannot write to; the client of that one knows then that something is missing.
        feed.forEach(session -> session.sendBinary(ByteBuffer.wrap(message), Callback.NOOP));
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
