package io.h2conn.server;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Puts an embedded server together.
 *
 * @param server running
 * @param connector its only one
 * @param connections those that it will serve
 * @param uri where it listens
 */
record ServerParts(Server server, ServerConnector connector, DuplexConnections connections, URI uri) {
    /** RFC 7301, section 6: unlike the name that Jetty has for the protocol, in lower case. */
    private static final String HTTP_1_1_IN_ALPN = "http/1.1";

    private static final String THREADS = "h2conn-server";

    /** What a builder collects. */
    static final class Settings {
        @Nullable
        String host;

        int port;
        SslContextFactory.@Nullable Server tls;
        ClientAuth clientAuth = ClientAuth.NONE;
        ConnectorOptions options = ConnectorOptions.defaults();
        ServerLimits limits = ServerLimits.defaults();

        @Nullable
        ByteBufferPool pool;
    }

    /** Starts a server. When that fails, nothing of it is left. */
    static ServerParts start(Settings settings, Handler handler) throws IOException {
        if (settings.tls == null && settings.clientAuth != ClientAuth.NONE) {
            throw new IllegalStateException("clientAuth(" + settings.clientAuth + ") needs tls(...)");
        }
        QueuedThreadPool threads = new JettyThreads();
        threads.setName(THREADS);
        // Otherwise Jetty wakes a second thread for each read, to take over the selector in case the first one blocks:
        // HTTP/2 never does, and the wake-up is most of what a small read costs.
        threads.setReservedThreads(0);
        Server server = new Server(threads, new ScheduledExecutorScheduler(THREADS + "-timer", false), settings.pool);
        ServerConnector connector = DuplexConnector.create(server, settings.options, protocols(settings));
        connector.setHost(settings.host);
        connector.setPort(settings.port);
        server.addConnector(connector);
        server.setHandler(handler);
        DuplexConnections connections = DuplexConnections.of(server);
        connections.limits(settings.limits);
        connector.addBean(new NetworkConnectionLimit(settings.limits.maxTcpConnections(), connector));
        try {
            server.start();
        } catch (Exception e) {
            stopAfter(e, server);
            throw explain(e, settings);
        }
        return new ServerParts(server, connector, connections, uri(settings, connector.getLocalPort()));
    }

    /** Stops a server and waits for its threads. */
    static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty could not stop: " + e.getMessage(), e);
        }
    }

    private static void stopAfter(Exception failure, Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }

    private static IOException explain(Exception e, Settings settings) {
        String address = (settings.host == null ? "all addresses" : settings.host) + ", port " + settings.port;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                BindException bind = new BindException("cannot listen on " + address + ": " + cause.getMessage());
                bind.initCause(e);
                return bind;
            }
        }
        return new IOException("the server for " + address + " could not start: " + e.getMessage(), e);
    }

    /** HTTP/1.1 and HTTP/2 have a configuration each, so that the settings of one do not leak into the other. */
    private static ConnectionFactory[] protocols(Settings settings) {
        HttpConnectionFactory http1 = new HttpConnectionFactory(configuration(settings));
        SslContextFactory.Server tls = settings.tls;
        if (tls == null) {
            return new ConnectionFactory[] {http1, new HTTP2CServerConnectionFactory(configuration(settings))};
        }
        TlsChange.prepare(tls);
        switch (settings.clientAuth) {
            case NONE -> {} // What the factory says.
            case WANT -> tls.setWantClientAuth(true);
            case NEED -> tls.setNeedClientAuth(true);
        }
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(configuration(settings));
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory(http2.getProtocol(), HTTP_1_1_IN_ALPN);
        alpn.setDefaultProtocol(http1.getProtocol());
        return new ConnectionFactory[] {new SslConnectionFactory(tls, alpn.getProtocol()), alpn, http2, http1};
    }

    private static HttpConfiguration configuration(Settings settings) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        if (settings.tls != null) {
            // Clients verify the name; the server has one certificate, so a name that it does not cover picks no wrong
            // one.
            configuration.addCustomizer(new SecureRequestCustomizer(false));
        }
        return configuration;
    }

    private static URI uri(Settings settings, int port) {
        String host = settings.host == null || settings.host.equals("0.0.0.0") || settings.host.equals("::")
                ? "localhost"
                : settings.host;
        String authority = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
        return URI.create((settings.tls == null ? "http" : "https") + "://" + authority + ":" + port + "/");
    }
}
