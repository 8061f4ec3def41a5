package io.h2conn.client;

import io.h2conn.jetty.DuplexRateControl;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * A Jetty server that knows nothing of this library. {@code /echo} sends back what comes, {@code /ended} answers 200
 * with its end, {@code /status/nnn} answers that status and the text "no", {@code /silent} never answers.
 */
final class JettyPeer implements AutoCloseable {
    final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    final AtomicInteger tcpConnections = new AtomicInteger();
    private final Server server = new Server();
    private final ServerConnector connector;
    private final String scheme;

    private JettyPeer(String scheme, String host, ConnectionFactory... factories) throws Exception {
        this.scheme = scheme;
        connector = new ServerConnector(server, 1, 1, factories);
        connector.setHost(host);
        connector.setIdleTimeout(0);
        connector.addEventListener(new Connection.Listener() {
            @Override
            public void onOpened(Connection connection) {
                if (connection instanceof HTTP2Connection) {
                    tcpConnections.incrementAndGet();
                }
            }
        });
        server.addConnector(connector);
        server.setHandler(new Answers());
        server.start();
    }

    static JettyPeer clear() throws Exception {
        return clear("127.0.0.1", 128);
    }

    static JettyPeer clear(String host, int maxStreams) throws Exception {
        HTTP2CServerConnectionFactory h2c = new HTTP2CServerConnectionFactory(new HttpConfiguration());
        return new JettyPeer("http", host, configured(h2c, maxStreams));
    }

    static JettyPeer http1() throws Exception {
        return new JettyPeer("http", "127.0.0.1", new HttpConnectionFactory());
    }

    static JettyPeer tls(KeyStore keys, KeyStore trustedClients) throws Exception {
        HttpConfiguration https = secure();
        HTTP2ServerConnectionFactory h2 = new HTTP2ServerConnectionFactory(https);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2");
        return new JettyPeer(
                "https",
                "127.0.0.1",
                new SslConnectionFactory(tlsFactory(keys, trustedClients), "alpn"),
                alpn,
                configured(h2, 128));
    }

    /** TLS, but HTTP/1.1 only, with or without ALPN to say so. */
    static JettyPeer http1OverTls(KeyStore keys, boolean withAlpn) throws Exception {
        HttpConnectionFactory http1 = new HttpConnectionFactory(secure());
        SslContextFactory.Server tls = tlsFactory(keys, null);
        if (!withAlpn) {
            return new JettyPeer("https", "127.0.0.1", new SslConnectionFactory(tls, "http/1.1"), http1);
        }
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("http/1.1");
        alpn.setDefaultProtocol("http/1.1");
        return new JettyPeer("https", "127.0.0.1", new SslConnectionFactory(tls, "alpn"), alpn, http1);
    }

    private static HttpConfiguration secure() {
        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false));
        return https;
    }

    private static SslContextFactory.Server tlsFactory(KeyStore keys, KeyStore trustedClients) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStore(keys);
        tls.setKeyStorePassword(new String(TestCertificates.PASSWORD));
        tls.setSniRequired(false);
        if (trustedClients != null) {
            tls.setTrustStore(trustedClients);
            tls.setNeedClientAuth(true);
        }
        return tls;
    }

    private static ConnectionFactory configured(AbstractHTTP2ServerConnectionFactory factory, int maxStreams) {
        factory.setMaxConcurrentStreams(maxStreams);
        factory.setStreamIdleTimeout(-1);
        factory.setRateControlFactory(new DuplexRateControl.Factory()); // tests reset faster than Jetty likes
        return factory;
    }

    int port() {
        return connector.getLocalPort();
    }

    String uri(String path) {
        return uri("127.0.0.1", path);
    }

    String uri(String host, String path) {
        return scheme + "://" + host + ":" + port() + path;
    }

    /** The HTTP/2 sessions that are open now. */
    List<HTTP2Session> sessions() {
        return connector.getConnectedEndPoints().stream()
                .map(endPoint -> endPoint.getConnection())
                .filter(HTTP2Connection.class::isInstance)
                .map(connection -> ((HTTP2Connection) connection).getSession())
                .toList();
    }

    /** Sends a GOAWAY on every session, and lets what is under way go on. */
    @SuppressWarnings("FutureReturnValueIgnored") // completes when the sessions end, which the tests see anyway
    void drain() {
        sessions().forEach(HTTP2Session::shutdown);
    }

    int openTcpConnections() {
        return connector.getConnectedEndPoints().size();
    }

    int openStreams() {
        return sessions().stream()
                .mapToInt(session -> session.getStreams().size())
                .sum();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }

    private final class Answers extends Handler.Abstract {
        Answers() {
            super(Invocable.InvocationType.NON_BLOCKING);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            requests.add(request);
            String path = Request.getPathInContext(request);
            if (path.startsWith("/echo") || path.equals("/")) {
                response.setStatus(HttpStatus.OK_200);
                response.getHeaders().put("X-Test", "yes");
                response.write(
                        false,
                        BufferUtil.EMPTY_BUFFER,
                        Callback.from(
                                Invocable.InvocationType.NON_BLOCKING,
                                () -> Content.copy(request, response, callback),
                                callback::failed));
            } else if (path.equals("/ended")) {
                response.setStatus(HttpStatus.OK_200);
                response.write(true, BufferUtil.EMPTY_BUFFER, Callback.NOOP);
            } else if (path.startsWith("/status/")) {
                response.setStatus(Integer.parseInt(path.substring("/status/".length())));
                response.write(true, BufferUtil.toBuffer("no", StandardCharsets.UTF_8), callback);
            }
            return true;
        }
    }
}
