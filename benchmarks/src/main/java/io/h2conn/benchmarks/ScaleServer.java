package io.h2conn.benchmarks;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.Messages;
import io.h2conn.server.Acceptor;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexConnector;
import io.h2conn.server.DuplexHandler;
import io.h2conn.server.DuplexServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The server of {@link ScaleRun} and {@link SocketsRun}, embedded or mounted: keeps the connections of {@code /feed}, listening
 * to them, and sends back what comes to {@code /echo}, and, with a thread for each if it is embedded, to {@code /wait}.
 */
final class ScaleServer extends ScaleProcess {
    private static final String HOST = "127.0.0.1";
    private static final Acceptor ACCEPTOR =
            Acceptor.defaults().options(ConnectionOptions.defaults().nonBlockingCallbacks(true));

    /** An application's list: what it takes counts as part of a connection. */
    private final List<DuplexConnection> feed = new ArrayList<>();

    /**
     * Serves until its input ends.
     *
     * @param args none; the first line of the input says {@code embedded|direct|mounted clear|tls}
     * @throws Exception if the server cannot start
     */
    public static void main(String[] args) throws Exception {
        String[] words = readWords();
        boolean tls = words[1].equals("tls");
        ScaleServer server = new ScaleServer();
        switch (words[0]) {
            case "embedded" -> server.embedded(tls, false);
            case "direct" -> server.embedded(tls, true);
            default -> server.mounted(tls);
        }
    }

    private void embedded(boolean tls, boolean direct) throws Exception {
        DuplexServer.Builder builder = DuplexServer.builder()
                .host(HOST)
                .connector(ConnectorOptions.defaults().directReads(direct))
                .acceptor(ACCEPTOR)
                .handleAsync("/feed", this::keep)
                .handleAsync("/echo", ScaleServer::echo)
                .handle("/wait", connection -> connection.input().transferTo(connection.output()));
        if (tls) {
            builder.tls(Identity.context());
        }
        long start = System.nanoTime();
        try (DuplexServer server = builder.start()) {
            run(server.port() + " " + (System.nanoTime() - start));
        }
    }

    private void mounted(boolean tls) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setReservedThreads(0);
        Server server = new Server(threads);
        ServerConnector connector = tls ? tlsConnector(server) : clearConnector(server);
        connector.setHost(HOST);
        DuplexConnector.configure(connector);
        server.addConnector(connector);
        DuplexHandler keeping = DuplexHandler.async(this::keep, ACCEPTOR);
        DuplexHandler echoing = DuplexHandler.async(ScaleServer::echo, ACCEPTOR);
        server.setHandler(new Handler.Sequence(keeping, echoing) {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                boolean echo = request.getHttpURI().getPath().equals("/echo");
                return (echo ? echoing : keeping).handle(request, response, callback);
            }
        });
        long start = System.nanoTime();
        server.start();
        try {
            run(connector.getLocalPort() + " " + (System.nanoTime() - start));
        } finally {
            server.stop();
        }
    }

    private static ServerConnector clearConnector(Server server) {
        return new ServerConnector(server, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
    }

    private static ServerConnector tlsConnector(Server server) throws Exception {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(Identity.context());
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(new HttpConfiguration());
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory(http2.getProtocol());
        return new ServerConnector(server, new SslConnectionFactory(tls, alpn.getProtocol()), alpn, http2);
    }

    private CompletionStage<?> keep(DuplexConnection connection) {
        synchronized (feed) {
            feed.add(connection);
        }
        return connection.listen(piece -> null);
    }

    private static CompletionStage<?> echo(DuplexConnection connection) {
        return connection.listen(connection::writeAsync);
    }

    @Override
    String obey(String[] words) throws Exception {
        synchronized (feed) {
            switch (words[0]) {
                case "connections" -> feed.removeIf(connection -> !connection.isOpen());
                case "broadcast" -> {
                    ByteBuffer message = ByteBuffer.wrap(Messages.make(Messages.SMALL, Long.parseLong(words[1]), 0));
                    for (DuplexConnection connection : feed) {
                        connection.write(message.duplicate());
                    }
                }
                default -> throw new IllegalArgumentException(words[0]);
            }
            return String.valueOf(feed.size());
        }
    }
}
