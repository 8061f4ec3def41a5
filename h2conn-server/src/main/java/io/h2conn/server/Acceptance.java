package io.h2conn.server;

import io.h2conn.DuplexConnection;
import io.h2conn.jetty.StreamTransport;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to being a connection. Is the callback of the write that sends the headers. Completes Jetty's
 * callback when that write is done and the stream is gone, whichever comes last: before, Jetty would fail the write or
 * reset the stream.
 */
final class Acceptance implements Callback {
    private final Callback callback;
    private final Consumer<DuplexConnection> onHeadersOut;
    private final @Nullable OpenConnections openConnections;
    /** The headers' write, and the stream. */
    private final AtomicInteger unfinished = new AtomicInteger(2);

    private @Nullable StreamTransport transport;

    Acceptance(Callback callback, Consumer<DuplexConnection> onHeadersOut, @Nullable OpenConnections openConnections) {
        this.callback = callback;
        this.onHeadersOut = onHeadersOut;
        this.openConnections = openConnections;
    }

    /**
     * Called before the headers are written. Without a stream, which a reset may have removed, the connection fails.
     */
    void begin(StreamTransport transport, HTTP2Session session, @Nullable HTTP2Stream stream) {
        this.transport = transport;
        if (openConnections != null) {
            openConnections.add(transport.engine());
        }
        if (stream == null) {
            transport.missing(session);
        } else {
            transport.attach(stream);
        }
    }

    @Override
    public void succeeded() {
        StreamTransport started = Objects.requireNonNull(transport);
        started.start();
        onHeadersOut.accept(started.engine());
        finish();
    }

    @Override
    public void failed(Throwable x) {
        Objects.requireNonNull(transport).startFailed(x);
        finish();
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    void gone() {
        if (openConnections != null) {
            openConnections.remove(Objects.requireNonNull(transport).engine());
        }
        finish();
    }

    private void finish() {
        if (unfinished.decrementAndGet() == 0) {
            callback.succeeded();
        }
    }
}
