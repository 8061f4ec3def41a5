package io.h2conn.benchmarks.peer;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What the server does with calls. */
final class GrpcHandlers {
    private GrpcHandlers() {}

    /** Asks for one message at a time: what a client does not read stays with that client. */
    static final class Echo extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> call;
        private boolean wanting = true;

        Echo(ServerCall<byte[], byte[]> call) {
            this.call = call;
            call.sendHeaders(new Metadata());
            call.request(1);
        }

        @Override
        public void onMessage(byte[] message) {
            call.sendMessage(message);
            wanting = call.isReady();
            if (wanting) {
                call.request(1);
            }
        }

        @Override
        public void onReady() {
            if (!wanting) {
                wanting = true;
                call.request(1);
            }
        }

        @Override
        public void onHalfClose() {
            call.close(Status.OK, new Metadata());
        }
    }

    /** Checks what arrives, and answers a receipt at the end. */
    private abstract static class Receiving<Q> extends ServerCall.Listener<Q> {
        final ServerCall<Q, ByteBuffer> call;
        private boolean failed;

        Receiving(ServerCall<Q, ByteBuffer> call) {
            this.call = call;
            call.sendHeaders(new Metadata());
            call.request(Integer.MAX_VALUE);
        }

        abstract void take(Q message) throws IOException;

        abstract Receipt receipt();

        @Override
        public final void onMessage(Q message) {
            if (failed) {
                return;
            }
            try {
                take(message);
            } catch (IOException e) {
                failed = true;
                call.close(Status.DATA_LOSS.withDescription(e.getMessage()).withCause(e), new Metadata());
            }
        }

        @Override
        public final void onHalfClose() {
            if (!failed) {
                call.sendMessage(ByteBuffer.wrap(receipt().toBytes()));
                call.close(Status.OK, new Metadata());
            }
        }
    }

    /** Bytes of bulk; as a source, also sends some, from the first message to the end of the client's. */
    static final class Bulk extends Receiving<ByteBuffer> {
        private final boolean source;
        private final Sink sink = new Sink();
        private boolean sending;
        private long sent;

        Bulk(ServerCall<ByteBuffer, ByteBuffer> call, boolean source) {
            super(call);
            this.source = source;
            call.setOnReadyThreshold(GrpcPeer.UNSENT_BYTES);
        }

        @Override
        void take(ByteBuffer message) throws IOException {
            sink.take(message);
            if (source && !sending) {
                sending = true;
                onReady();
            }
        }

        @Override
        public void onReady() {
            while (sending && call.isReady()) {
                call.sendMessage(Pattern.piece(sent, Pattern.MAX_PIECE));
                sent += Pattern.MAX_PIECE;
            }
        }

        @Override
        Receipt receipt() {
            sending = false;
            return new Receipt(sink.received(), sent, null);
        }

        @Override
        public void onCancel() {
            sending = false;
        }
    }

    /** Numbered messages. */
    static final class Numbered extends Receiving<byte[]> {
        private final MessageSink sink = new MessageSink();

        Numbered(ServerCall<byte[], ByteBuffer> call) {
            super(call);
        }

        @Override
        void take(byte[] message) throws IOException {
            sink.take(message);
        }

        @Override
        Receipt receipt() {
            return sink.receipt();
        }
    }
}
