package io.h2conn.benchmarks;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * grpc-java at its best, as far as we know: calls without generated code, byte arrays as they are, no thread between the
 * transport and the application, and a window that never empties.
 */
final class GrpcMessages implements MessagePeer {
    private static final int WINDOW_BYTES = 8 * 1024 * 1024;

    private static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName("benchmark/messages")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private final ManagedChannel channel;

    GrpcMessages(int port) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .directExecutor()
                .flowControlWindow(WINDOW_BYTES)
                .build();
    }

    static Server server() throws IOException {
        ServerServiceDefinition service = ServerServiceDefinition.builder("benchmark")
                .addMethod(METHOD, (call, headers) -> new Counter(call))
                .build();
        return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .directExecutor()
                .flowControlWindow(WINDOW_BYTES)
                .addService(service)
                .build()
                .start();
    }

    private static final class Counter extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> call;
        private long received;

        Counter(ServerCall<byte[], byte[]> call) {
            this.call = call;
            call.sendHeaders(new Metadata());
            call.request(Integer.MAX_VALUE);
        }

        @Override
        public void onMessage(byte[] message) {
            Payload.check(message, received++);
        }

        @Override
        public void onHalfClose() {
            call.sendMessage(ByteBuffer.allocate(Long.BYTES).putLong(received).array());
            call.close(Status.OK, new Metadata());
        }
    }

    @Override
    public String name() {
        return "grpc-java";
    }

    @Override
    public long send(long nanos) throws Exception {
        Semaphore ready = new Semaphore(0);
        CompletableFuture<Long> counted = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call = channel.newCall(METHOD, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<byte[]>() {
                    @Override
                    public void onReady() {
                        ready.release();
                    }

                    @Override
                    public void onMessage(byte[] message) {
                        counted.complete(ByteBuffer.wrap(message).getLong());
                    }

                    @Override
                    public void onClose(Status status, @Nullable Metadata trailers) {
                        counted.completeExceptionally(status.asRuntimeException());
                        ready.release();
                    }
                },
                new Metadata());
        call.request(1);
        long sent = 0;
        for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
            while (!call.isReady() && !counted.isDone()) {
                ready.acquire();
            }
            call.sendMessage(Payload.make(sent++));
        }
        call.halfClose();
        return MessageRun.checked(sent, counted.get());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
