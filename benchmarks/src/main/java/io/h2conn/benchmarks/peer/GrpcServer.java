package io.h2conn.benchmarks.peer;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;

/** The server of {@link GrpcPeer}. */
final class GrpcServer implements PeerServer {
    private final GrpcFeed feed = new GrpcFeed();
    private final Server server;

    GrpcServer(Security security, boolean blocking) throws IOException {
        ServerServiceDefinition service = ServerServiceDefinition.builder(GrpcMethods.SERVICE)
                .addMethod(GrpcMethods.ECHO, (call, headers) -> new GrpcHandlers.Echo(call))
                .addMethod(GrpcMethods.SINK, (call, headers) -> new GrpcHandlers.Bulk(call, false))
                .addMethod(GrpcMethods.SOURCE, (call, headers) -> new GrpcHandlers.Bulk(call, true))
                .addMethod(GrpcMethods.MESSAGES, (call, headers) -> new GrpcHandlers.Numbered(call))
                .addMethod(GrpcMethods.FEED, (call, headers) -> feed.add(call))
                .build();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .flowControlWindow(GrpcPeer.WINDOW_BYTES)
                .addService(service);
        if (!blocking) {
            builder.directExecutor();
        }
        if (security == Security.TLS) {
            builder.sslContext(GrpcPeer.serverContext());
        }
        server = builder.build().start();
    }

    @Override
    public int port() {
        return server.getPort();
    }

    @Override
    public int receivers() {
        return feed.receivers();
    }

    @Override
    public void broadcast(long n) {
        feed.broadcast(Messages.make(Messages.SMALL, n, 0));
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination();
    }
}
