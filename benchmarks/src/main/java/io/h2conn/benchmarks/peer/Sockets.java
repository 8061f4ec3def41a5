package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.SocketFactory;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Makes sockets on the loopback address: TCP, or TLS 1.3 by the JDK. */
final class Sockets {
    private static final String[] TLS_1_3 = {"TLSv1.3"};

    private Sockets() {}

    /** What makes a client's sockets; all of one factory share its TLS sessions. */
    static SocketFactory factory(Security security) throws IOException, GeneralSecurityException {
        return switch (security) {
            case CLEAR -> SocketFactory.getDefault();
            case TLS -> Identity.context().getSocketFactory();
        };
    }

    /** Connects, with the handshake done. */
    static Socket connect(SocketFactory factory, int port) throws IOException {
        Socket socket = factory.createSocket(InetAddress.getLoopbackAddress(), port);
        if (socket instanceof SSLSocket tls) {
            tls.setEnabledProtocols(TLS_1_3);
            tls.startHandshake();
        }
        return socket;
    }

    /** Listens on a free port. */
    static ServerSocket listen(Security security, int backlog) throws IOException, GeneralSecurityException {
        ServerSocket socket = switch (security) {
            case CLEAR -> new ServerSocket();
            case TLS -> Identity.context().getServerSocketFactory().createServerSocket();
        };
        if (socket instanceof SSLServerSocket tls) {
            tls.setEnabledProtocols(TLS_1_3);
        }
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
        return socket;
    }
}
