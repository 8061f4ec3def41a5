package io.h2conn.benchmarks.peer;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;

/**
 * grpc-java at its best, as far as we know:
 *
 * <ul>
 *   <li>the shaded Netty with what it brings for this machine: epoll where there is epoll, BoringSSL for TLS
 *   <li>calls without generated code, bytes that are marshalled with one copy
 *   <li>no thread between the event loop and the application ({@code directExecutor})
 *   <li>windows that never empty, and as many bytes of a call waiting to be sent as keep the event loop busy
 *   <li>no retries, for which it would keep what it has sent
 *   <li>all messages asked for at once where each is done with when its callback returns, so that nothing has to be counted;
 *       flow control still bounds what arrives
 * </ul>
 */
final class GrpcPeer implements Peer {
    /** Bytes. Of each connection and each stream, which also turns off the measuring of a better one. */
    static final int WINDOW_BYTES = 8 * 1024 * 1024;

    /**
     * Bytes that may wait to be sent before a call says that it is not ready. The default of 32 KiB is less than one piece
     * of bulk, so that each would wait for the one before it.
     */
    static final int UNSENT_BYTES = 1024 * 1024;

    private final boolean blocking;

    /**
     * Makes it.
     *
     * @param blocking whether the server's handlers may block, for which gRPC runs them in its pool of threads
     */
    GrpcPeer(boolean blocking) {
        this.blocking = blocking;
    }

    @Override
    public String name() {
        return blocking ? "grpc-java-blocking" : "grpc-java";
    }

    @Override
    public PeerServer serve(Security security) throws IOException {
        return new GrpcServer(security, blocking);
    }

    @Override
    public PeerClient client(int port, Security security) throws IOException {
        return new GrpcClient(port, security);
    }

    static SslContext serverContext() throws IOException {
        return context(SslContextBuilder.forServer(
                Identity.certificate().toFile(), Identity.key().toFile()));
    }

    static SslContext clientContext() throws IOException {
        return context(SslContextBuilder.forClient()
                .trustManager(Identity.certificate().toFile()));
    }

    private static SslContext context(SslContextBuilder builder) throws IOException {
        // By name: a machine for which there is no BoringSSL is to be noticed, not measured.
        return GrpcSslContexts.configure(builder, SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .build();
    }
}
