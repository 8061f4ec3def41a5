package io.h2conn.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectableChannelEndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The limits of TCP connections, before anything is known of who is on them. A bean of its connector. */
final class TcpGate implements SelectorManager.AcceptListener, Connection.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(TcpGate.class);

    /** Bytes. RFC 9113, section 3.4: the preface, and the header of the SETTINGS that follow it. */
    private static final int SHORTEST_BEGINNING = 24 + 9;

    private final Connector connector;
    private final AddressCounts counts = new AddressCounts();
    private final Map<SelectableChannel, Object> counted = new ConcurrentHashMap<>();

    TcpGate(Connector connector) {
        this.connector = connector;
    }

    private ServerLimits limits() {
        return DuplexConnections.of(connector.getServer()).limits();
    }

    // ---------------------------------------------------------------- how many

    @Override
    public void onAccepting(SelectableChannel channel) {
        int limit = limits().maxTcpConnectionsPerAddress();
        Object key = limit == ServerLimits.UNLIMITED ? null : AddressCounts.key(remote(channel));
        if (key == null) {
            return;
        }
        if (counts.take(key, limit)) {
            counted.put(channel, key);
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing a TCP connection beyond the limit failed", e);
        }
    }

    private static @Nullable SocketAddress remote(SelectableChannel channel) {
        try {
            return channel instanceof SocketChannel socket ? socket.getRemoteAddress() : null;
        } catch (IOException e) {
            return null; // Closed meanwhile: nothing to count.
        }
    }

    @Override
    public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
        onClosed(channel);
    }

    @Override
    public void onClosed(SelectableChannel channel) {
        Object key = counted.remove(channel);
        if (key != null) {
            counts.giveBack(key);
        }
    }

    // ---------------------------------------------------------------- how long

    @Override
    public void onOpened(Connection connection) {
        EndPoint endPoint = connection.getEndPoint();
        if (endPoint instanceof SelectableChannelEndPoint && !(connection instanceof HTTP2Connection)) {
            long nanos = limits().handshakeTimeout().toNanos();
            connector.getScheduler().schedule(() -> check(endPoint), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private static void check(EndPoint endPoint) {
        Connection connection = endPoint.getConnection();
        Connection spoken =
                connection instanceof SslConnection ssl ? ssl.getSslEndPoint().getConnection() : connection;
        if (endPoint.isOpen() && !hasBegun(spoken)) {
            LOG.debug("closing a TCP connection that did not begin to speak HTTP in time: {}", endPoint);
            endPoint.close();
        }
    }

    private static boolean hasBegun(@Nullable Connection connection) {
        return connection instanceof HTTP2Connection
                ? connection.getBytesIn() >= SHORTEST_BEGINNING
                : connection != null && connection.getMessagesIn() > 0;
    }
}
