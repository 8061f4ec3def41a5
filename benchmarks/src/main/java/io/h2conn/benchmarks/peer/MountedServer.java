package io.h2conn.benchmarks.peer;

import io.h2conn.server.Acceptor;
import io.h2conn.server.AsyncConnectionHandler;
import io.h2conn.server.ConnectionHandler;
import io.h2conn.server.DuplexConnector;
import io.h2conn.server.DuplexHandler;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.PathMappingsHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A Jetty server of the user's own, with no more done to it than what is documented. */
final class MountedServer implements PeerServer {
    private final H2connServices services;
    private final Server server;
    private final ServerConnector connector;

    MountedServer(Security security, H2connServices services) throws Exception {
        this.services = services;
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setReservedThreads(0);
        server = new Server(threads);
        connector = new ServerConnector(server, protocols(security));
        connector.setHost("127.0.0.1");
        server.addConnector(DuplexConnector.configure(connector));
        server.setHandler(handlers(services));
        server.start();
    }

    private static ConnectionFactory[] protocols(Security security) throws Exception {
        HttpConfiguration configuration = new HttpConfiguration();
        if (security == Security.CLEAR) {
            return new ConnectionFactory[] {new HTTP2CServerConnectionFactory(configuration)};
        }
        configuration.addCustomizer(new SecureRequestCustomizer());
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(Identity.context());
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(configuration);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory(http2.getProtocol());
        return new ConnectionFactory[] {new SslConnectionFactory(tls, alpn.getProtocol()), alpn, http2};
    }

    private static PathMappingsHandler handlers(H2connServices services) {
        Acceptor acceptor = Acceptor.defaults().options(services.options());
        // Its handlers are all there before it starts, so that Jetty knows that none of them blocks.
        PathMappingsHandler handlers = new PathMappingsHandler(false);
        services.addTo(new H2connServices.Routes() {
            @Override
            public void handle(String path, ConnectionHandler handler) {
                handlers.addMapping(PathSpec.from(path), DuplexHandler.blocking(handler, acceptor));
            }

            @Override
            public void handleAsync(String path, AsyncConnectionHandler handler) {
                handlers.addMapping(PathSpec.from(path), DuplexHandler.async(handler, acceptor));
            }
        });
        return handlers;
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public int receivers() {
        return services.receivers();
    }

    @Override
    public void broadcast(long n) throws Exception {
        services.broadcast(n);
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
