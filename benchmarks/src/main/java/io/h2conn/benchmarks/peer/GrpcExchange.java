package io.h2conn.benchmarks.peer;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A call for each exchange: starts it, sends a message and ends its half at once, and waits for the answer and the end. */
final class GrpcExchange implements Repetition.Operation {
    private final ManagedChannel session;
    private final Exchanges exchanges;

    GrpcExchange(ManagedChannel session, int number) {
        this.session = session;
        exchanges = new Exchanges(number);
    }

    @Override
    public void run() throws Exception {
        ClientCall<byte[], byte[]> call = session.newCall(GrpcMethods.ECHO, CallOptions.DEFAULT);
        OneAnswer answer = new OneAnswer();
        call.start(answer, new Metadata());
        call.request(2);
        call.sendMessage(exchanges.message());
        call.halfClose();
        exchanges.take(answer.ended.get());
    }

    private static final class OneAnswer extends ClientCall.Listener<byte[]> {
        final CompletableFuture<byte[]> ended = new CompletableFuture<>();
        private byte @Nullable [] answer;

        @Override
        public void onMessage(byte[] message) {
            if (answer != null) {
                ended.completeExceptionally(new IOException("a second answer came to one message"));
            }
            answer = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
                ended.completeExceptionally(status.asException());
            } else if (answer == null) {
                ended.completeExceptionally(new IOException("a call ended without an answer"));
            } else {
                ended.complete(answer);
            }
        }
    }
}
