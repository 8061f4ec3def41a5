package io.h2conn.server;

import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.jetty.StreamOwner;
import io.h2conn.jetty.StreamTransport;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to being a connection. Is the callback of the write that sends the headers. Completes Jetty's
 * callback when that write is done and the stream is gone, whichever comes last: before, Jetty would fail the write or
 * reset the stream.
 *
 * <p>Or as soon as the headers are out, where nobody else can see the request: then it is let go, which otherwise is a
 * third of what an idle connection holds.
 */
final class Acceptance implements Callback, StreamOwner {
    private static final AtomicIntegerFieldUpdater<Acceptance> UNFINISHED =
            AtomicIntegerFieldUpdater.newUpdater(Acceptance.class, "unfinished");

    private final Consumer<DuplexConnection> onHeadersOut;
    private final boolean outlives;
    private final DuplexConnections connections;
    /** By which the gatekeeper counts it, too. */
    private final @Nullable Object address;
    /** The headers' write, and the stream. */
    @SuppressWarnings("UnusedVariable") // used by its updater
    private volatile int unfinished = 2;

    private @Nullable Callback callback;
    private @Nullable TakeOver takeOver;
    private @Nullable StreamTransport transport;

    Acceptance(
            Callback callback,
            Consumer<DuplexConnection> onHeadersOut,
            boolean outlives,
            DuplexConnections connections,
            @Nullable Object address) {
        this.callback = callback;
        this.onHeadersOut = onHeadersOut;
        this.outlives = outlives;
        this.connections = connections;
        this.address = address;
    }

    /** Called before anything can fail, so that Jetty itself never answers, ends or resets from now on. */
    HttpStream takeOver(HttpStream stream) {
        takeOver = new TakeOver(stream);
        return takeOver;
    }

    /**
     * Called before the headers are written. Without a stream, which a reset may have removed, the connection fails.
     */
    void begin(StreamTransport transport, HTTP2Session session, @Nullable HTTP2Stream stream) {
        this.transport = transport;
        connections.add(transport.engine());
        if (stream == null) {
            transport.missing(session);
            return;
        }
        transport.attach(stream);
        if (outlives) {
            stream.setAttachment(OutlivedRequest.INSTANCE);
        }
    }

    /** Instead of {@link #write}: turns the peer away, in a way that tells it that nothing was done with its request. */
    void refuse(String why) {
        StreamTransport refused = Objects.requireNonNull(transport);
        Objects.requireNonNull(takeOver).silence();
        refused.engine().onFailure(new ConnectionResetException(why, Origin.LOCAL, ErrorCode.REFUSED_STREAM, null));
        refused.reset(ErrorCode.REFUSED_STREAM);
        finish();
    }

    /** Writes the headers, which are set. */
    void write(Response response) {
        try {
            response.write(false, BufferUtil.EMPTY_BUFFER, this);
        } catch (Throwable t) {
            failed(t); // whatever it is, nobody else reports it
        }
    }

    @Override
    public void succeeded() {
        StreamTransport started = Objects.requireNonNull(transport);
        started.start();
        onHeadersOut.accept(started.engine());
        if (outlives) {
            letGo();
        }
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

    @Override
    public void onResponse(int status, boolean ended) {
        throw new AssertionError("a server's peer answered " + status);
    }

    @Override
    public void onGone() {
        connections.remove(Objects.requireNonNull(transport).engine());
        connections.gatekeeper().leave(address);
        finish();
    }

    private void letGo() {
        Objects.requireNonNull(takeOver).outlive();
        complete();
        takeOver = null;
    }

    private void finish() {
        if (UNFINISHED.decrementAndGet(this) == 0) {
            complete();
        }
    }

    private void complete() {
        Callback completed = callback;
        callback = null;
        if (completed != null) {
            completed.succeeded();
        }
    }
}
