package io.h2conn.benchmarks.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;

/** The client's ends of connections. The classes are public for Jetty, which looks for their methods. */
final class JettyWebSocketConnections {
    private JettyWebSocketConnections() {}

    /** What both kinds of connections do at their end. */
    public abstract static class Connection extends Session.Listener.AbstractAutoDemanding {
        private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
        private volatile boolean closing;

        /** No more will come, although nobody has closed the connection here. */
        abstract void onFailure(Throwable cause);

        /** What has arrived is wrong. */
        final void refuse(Exception e) {
            onFailure(e);
            getSession().close(StatusCode.BAD_PAYLOAD, e.getMessage(), Callback.NOOP);
        }

        /** Closes it, and waits until the server has closed it, too. */
        final void close() throws Exception {
            closing = true;
            getSession().close();
            closed.get();
        }

        @Override
        public final void onWebSocketError(Throwable cause) {
            closed.completeExceptionally(cause);
            onFailure(cause);
        }

        @Override
        public final void onWebSocketClose(int statusCode, String reason, Callback callback) {
            callback.succeed();
            if (closing && statusCode == StatusCode.NORMAL) {
                closed.complete(true);
            } else {
                onWebSocketError(
                        new IOException("the server closed the connection with " + statusCode + ": " + reason));
            }
        }
    }

    /** What arrives goes to a receiver, in the thread that Jetty receives it with. */
    public static final class Conversation extends Connection implements Callback {
        private final MessageReceiver receiver;

        /**
         * Makes one, to be connected.
         *
         * @param receiver makes the receiver, which may need the connection to send something
         */
        Conversation(Function<Conversation, MessageReceiver> receiver) {
            this.receiver = receiver.apply(this);
        }

        void send(byte[] message) {
            getSession().sendBinary(ByteBuffer.wrap(message), this);
        }

        /** Called when a message could not be sent. */
        @Override
        public void fail(Throwable cause) {
            receiver.onFailure(cause);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            byte[] message = new byte[payload.remaining()];
            payload.get(message);
            callback.succeed();
            try {
                receiver.onMessage(message);
            } catch (Exception e) {
                refuse(e);
            }
        }

        @Override
        void onFailure(Throwable cause) {
            receiver.onFailure(cause);
        }
    }

    /** Sends, receives pieces of {@link Pattern}, and at the end a receipt; again and again. */
    public static final class Transfer extends Connection {
        private final ByteArrayOutputStream receipt = new ByteArrayOutputStream();
        private volatile CompletableFuture<Receipt> ended = new CompletableFuture<>();
        private volatile Sink sink = new Sink();
        private boolean ending;

        /** Begins again, with messages of that size. */
        JettyWebSocketSender begin(int messageBytes) {
            sink = new Sink();
            if (ended.isDone() && !ended.isCompletedExceptionally()) {
                ended = new CompletableFuture<>();
            }
            return new JettyWebSocketSender(getSession(), messageBytes);
        }

        /**
         * Ends, and waits for the server to say what it has received.
         *
         * @param sent what it should say
         * @throws Exception if it says anything else, or something that arrived was wrong
         */
        Receipt end(long sent) throws Exception {
            getSession().sendText(JettyWebSocketPeer.END, Callback.NOOP);
            Receipt result = ended.get();
            result.check(sent, sink.received());
            return result;
        }

        /** Bytes of the pattern that have arrived. */
        long received() {
            return sink.received();
        }

        @Override
        public void onWebSocketText(String end) {
            ending = true;
        }

        @Override
        public void onWebSocketPartialBinary(ByteBuffer payload, boolean last, Callback callback) {
            try {
                if (ending) {
                    takeReceipt(payload, last);
                } else {
                    sink.take(payload);
                }
                callback.succeed();
            } catch (IOException e) {
                callback.succeed();
                refuse(e);
            }
        }

        private void takeReceipt(ByteBuffer payload, boolean last) throws IOException {
            byte[] part = new byte[payload.remaining()];
            payload.get(part);
            receipt.writeBytes(part);
            if (last) {
                Receipt whole = Receipt.from(receipt.toByteArray());
                receipt.reset();
                ending = false;
                ended.complete(whole);
            }
        }

        @Override
        void onFailure(Throwable cause) {
            ended.completeExceptionally(cause);
        }
    }
}
