package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Configurable;

/**
 * Jetty's WebSocket, with the API for its users, at its best, as far as we know:
 *
 * <ul>
 *   <li>HTTP/1.1 upgrades, so that each connection has a TCP connection of its own, however many sessions a layout has
 *   <li>no compression, no idle timeout, a buffer for input that takes a piece of bulk
 *   <li>binary messages; bulk is received in parts, as they come, not put together first
 *   <li>threads as Jetty has them by default, with reserved threads: what a WebSocket does when it has input may block, so
 *       that without a reserved thread to take over the selector, each message would change threads
 * </ul>
 *
 * <p>Its users cannot have small messages gathered; what is sent while a write is under way leaves in one write, however.
 */
final class JettyWebSocketPeer implements Peer {
    /** Bytes, a piece of bulk and its header. */
    private static final int INPUT_BYTES = Pattern.MAX_PIECE + 16;

    /** Bytes. More than any benchmark sends. */
    private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    /** What ends a half, for which WebSocket has nothing, and goes before a receipt. */
    static final String END = "end";

    @Override
    public String name() {
        return "jetty-websocket";
    }

    @Override
    public PeerServer serve(Security security) throws Exception {
        return new JettyWebSocketServer(security);
    }

    @Override
    public PeerClient client(int port, Security security) throws Exception {
        return new JettyWebSocketClient(port, security);
    }

    static void configure(Configurable webSocket) {
        webSocket.setIdleTimeout(Duration.ZERO);
        webSocket.setInputBufferSize(INPUT_BYTES);
        webSocket.setMaxFrameSize(MAX_MESSAGE_BYTES);
        webSocket.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
    }

    static <F extends SslContextFactory> F configured(F tls) throws IOException, GeneralSecurityException {
        tls.setSslContext(Identity.context());
        tls.setIncludeProtocols("TLSv1.3");
        return tls;
    }
}
