package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;

/** What the server does with connections. The classes are public for Jetty, which looks for their methods. */
final class JettyWebSocketEndpoints {
    private JettyWebSocketEndpoints() {}

    private static void fail(Session session, Exception e) {
        session.close(StatusCode.BAD_PAYLOAD, e.getMessage(), Callback.NOOP);
    }

    private static void answer(Session session, Receipt receipt) {
        session.sendText(JettyWebSocketPeer.END, Callback.NOOP);
        session.sendBinary(ByteBuffer.wrap(receipt.toBytes()), Callback.NOOP);
    }

    /** Asks for the next message when one is sent: what a client does not read stays with that client. */
    public static final class Echo extends Session.Listener.Abstract {
        @Override
        public void onWebSocketOpen(Session session) {
            super.onWebSocketOpen(session);
            session.demand();
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            getSession().sendBinary(payload, Callback.from(callback, getSession()::demand));
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            callback.succeed();
        }
    }

    /** Checks what arrives; as a source, also sends from the first message to the end of the client's. */
    public static final class Bulk extends Session.Listener.AbstractAutoDemanding {
        private final boolean source;
        private Sink sink = new Sink();
        private @Nullable Sending sending;

        Bulk(boolean source) {
            this.source = source;
        }

        @Override
        public void onWebSocketPartialBinary(ByteBuffer payload, boolean last, Callback callback) {
            try {
                sink.take(payload);
                callback.succeed();
            } catch (IOException e) {
                callback.succeed();
                fail(getSession(), e);
                return;
            }
            if (source && sending == null) {
                sending = new Sending(getSession());
                sending.start();
            }
        }

        @Override
        public void onWebSocketText(String end) {
            if (sending == null) {
                answer(getSession(), new Receipt(sink.received(), 0, null));
            } else {
                sending.end(sink.received());
            }
            sink = new Sink();
            sending = null;
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            if (sending != null) {
                sending.interrupt();
            }
            callback.succeed();
        }
    }

    /** The thread of a source. */
    private static final class Sending extends Thread {
        private final Session session;
        private volatile @Nullable Long received;

        Sending(Session session) {
            super("source");
            this.session = session;
            setDaemon(true);
        }

        void end(long bytesReceived) {
            received = bytesReceived;
        }

        @Override
        public void run() {
            JettyWebSocketSender sender = new JettyWebSocketSender(session, Pattern.MAX_PIECE);
            try {
                long sent = 0;
                Long end = received;
                for (; end == null; end = received) {
                    sender.send(Pattern.piece(sent, Pattern.MAX_PIECE));
                    sent += Pattern.MAX_PIECE;
                }
                answer(session, new Receipt(end, sent, null));
            } catch (IOException | InterruptedException e) {
                fail(session, e);
            }
        }
    }

    /** Checks numbered messages. */
    public static final class Numbered extends Session.Listener.AbstractAutoDemanding {
        private MessageSink sink = new MessageSink();

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            byte[] message = new byte[payload.remaining()];
            payload.get(message);
            callback.succeed();
            try {
                sink.take(message);
            } catch (IOException e) {
                fail(getSession(), e);
            }
        }

        @Override
        public void onWebSocketText(String end) {
            answer(getSession(), sink.receipt());
            sink = new MessageSink();
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            callback.succeed();
        }
    }

    /** Waits to be sent something. */
    public static final class Feed extends Session.Listener.AbstractAutoDemanding {
        private final Set<Session> sessions;

        Feed(Set<Session> sessions) {
            this.sessions = sessions;
        }

        @Override
        public void onWebSocketOpen(Session session) {
            super.onWebSocketOpen(session);
            sessions.add(session);
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            sessions.remove(getSession());
            callback.succeed();
        }
    }
}
