package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages of the same size from one thread, which waits only if too much is on its way to the socket: enough to keep
 * it busy, and no more, because Jetty itself would take any number.
 */
final class JettyWebSocketSender implements Callback {
    private static final int UNSENT_BYTES = 1024 * 1024;

    private final Session session;
    private final Semaphore room;
    private volatile @Nullable Throwable failure;

    JettyWebSocketSender(Session session, int messageBytes) {
        this.session = session;
        room = new Semaphore(Math.max(1, UNSENT_BYTES / messageBytes));
    }

    void send(ByteBuffer message) throws IOException, InterruptedException {
        room.acquire();
        Throwable cause = failure;
        if (cause != null) {
            throw new IOException("a message before this one could not be sent", cause);
        }
        session.sendBinary(message, this);
    }

    @Override
    public void succeed() {
        room.release();
    }

    @Override
    public void fail(Throwable cause) {
        failure = cause;
        room.release();
    }
}
