package io.h2conn.benchmarks.peer;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A call that sends as much as the transport takes, receives pieces of {@link Pattern}, and at the end a receipt.
 *
 * @param <Q> what it sends
 */
final class GrpcTransfer<Q> extends ClientCall.Listener<ByteBuffer> {
    private final ClientCall<Q, ByteBuffer> call;
    private final Sink sink = new Sink();
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    private final CompletableFuture<Receipt> ended = new CompletableFuture<>();
    private volatile @Nullable Thread sender;
    private @Nullable Receipt receipt;

    private GrpcTransfer(ClientCall<Q, ByteBuffer> call) {
        this.call = call;
    }

    /** Begins one, and waits until the server is ready. */
    static <Q> GrpcTransfer<Q> open(ManagedChannel session, MethodDescriptor<Q, ByteBuffer> method) throws Exception {
        ClientCall<Q, ByteBuffer> call =
                session.newCall(method, CallOptions.DEFAULT.withOnReadyThreshold(GrpcPeer.UNSENT_BYTES));
        GrpcTransfer<Q> transfer = new GrpcTransfer<>(call);
        call.start(transfer, new Metadata());
        // Each message is done with when its callback returns, so that nothing piles up for lack of counting.
        call.request(Integer.MAX_VALUE);
        transfer.opened.get();
        return transfer;
    }

    /** Sends, but waits first while too much is waiting to be sent. */
    void send(Q message) throws InterruptedException {
        sender = Thread.currentThread();
        while (!call.isReady() && !ended.isDone()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting to send");
            }
            LockSupport.park(this);
        }
        call.sendMessage(message);
    }

    /**
     * Ends, and waits for the server to say what it has received.
     *
     * @param sent what it should say
     * @throws Exception if it says anything else, or something that arrived was wrong
     */
    Receipt end(long sent) throws Exception {
        call.halfClose();
        Receipt result = ended.get();
        result.check(sent, sink.received());
        return result;
    }

    /** Bytes of the pattern that have arrived. */
    long received() {
        return sink.received();
    }

    @Override
    public void onHeaders(Metadata headers) {
        opened.complete(true);
    }

    @Override
    public void onReady() {
        LockSupport.unpark(sender);
    }

    @Override
    public void onMessage(ByteBuffer message) {
        try {
            if (message.remaining() == Pattern.MAX_PIECE) {
                sink.take(message);
            } else {
                receipt = Receipt.from(message.array());
            }
        } catch (IOException e) {
            call.cancel(e.getMessage(), e);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        Exception failure = status.isOk() ? new IOException("a call ended without a receipt") : status.asException();
        opened.completeExceptionally(failure);
        if (status.isOk() && receipt != null) {
            ended.complete(receipt);
        } else {
            ended.completeExceptionally(failure);
        }
        LockSupport.unpark(sender);
    }
}
