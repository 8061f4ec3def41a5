package io.h2conn.benchmarks.peer;

import io.h2conn.ConnectionOptions;
import io.h2conn.server.Acceptor;
import io.h2conn.server.AsyncConnectionHandler;
import io.h2conn.server.ConnectionHandler;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexServer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Our own server. */
final class EmbeddedServer implements PeerServer {
    private final H2connServices services;
    private final DuplexServer server;

    /** As it comes out of the box, but for direct reads. */
    EmbeddedServer(Security security, H2connServices services) throws Exception {
        this(security, services, ConnectorOptions.defaults().directReads(false), null);
    }

    /** With threads of its own for handlers, if any are given. */
    EmbeddedServer(Security security, H2connServices services, ConnectorOptions connector, @Nullable Executor threads)
            throws Exception {
        this.services = services;
        ConnectionOptions options = services.options();
        DuplexServer.Builder builder = DuplexServer.builder()
                .host("127.0.0.1")
                .port(0)
                .connector(connector)
                .acceptor(Acceptor.defaults().options(threads == null ? options : options.executor(threads)));
        if (security == Security.TLS) {
            builder.tls(Identity.context());
        }
        services.addTo(new H2connServices.Routes() {
            @Override
            public void handle(String path, ConnectionHandler handler) {
                builder.handle(path, handler);
            }

            @Override
            public void handleAsync(String path, AsyncConnectionHandler handler) {
                builder.handleAsync(path, handler);
            }
        });
        server = builder.start();
    }

    @Override
    public int port() {
        return server.port();
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
    public void close() {
        server.close();
    }
}
