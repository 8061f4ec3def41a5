package io.h2conn.benchmarks.peer;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A call that stays open. What arrives goes to a receiver, in the event loop. */
final class GrpcConversation extends ClientCall.Listener<byte[]> {
    private final ClientCall<byte[], byte[]> call;
    private final MessageReceiver receiver;
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private volatile boolean closing;

    /** Starts the call. */
    GrpcConversation(ClientCall<byte[], byte[]> call, MessageReceiver receiver) {
        this.call = call;
        this.receiver = receiver;
        call.start(this, new Metadata());
        call.request(Integer.MAX_VALUE);
    }

    /** Waits until the server has accepted it. */
    void awaitOpen() throws Exception {
        opened.get();
    }

    /** Ends it, and waits until the server has ended it, too. */
    void close() throws Exception {
        closing = true;
        call.halfClose();
        closed.get();
    }

    @Override
    public void onHeaders(Metadata headers) {
        opened.complete(true);
    }

    @Override
    public void onMessage(byte[] message) {
        try {
            receiver.onMessage(message);
        } catch (Exception e) {
            call.cancel(e.getMessage(), e);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (status.isOk() && closing) {
            closed.complete(true);
            return;
        }
        Exception failure = status.isOk() ? new IOException("the server ended the call") : status.asException();
        opened.completeExceptionally(failure);
        closed.completeExceptionally(failure);
        receiver.onFailure(failure);
    }
}
