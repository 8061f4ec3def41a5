package io.h2conn.server;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.TunnelSupport;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Keeps Jetty's request and response off the HTTP/2 stream once it is ours. The response's headers still pass; the end
 * of the response that Jetty sends when a handler completes, and the reset when it finds unread content, do not.
 *
 * <p>Not one of Jetty's wrappers: those let it read what is left of the content.
 */
final class TakeOver implements HttpStream {
    private final HttpStream stream;
    /** Whether the final response's headers have passed. Jetty never sends twice at a time. */
    private volatile boolean committed;
    /** Whether the stream goes on without the request. */
    private volatile boolean outlived;

    TakeOver(HttpStream stream) {
        this.stream = stream;
    }

    /** From now on Jetty may complete the request and forget it; nothing of that reaches the stream. */
    void outlive() {
        outlived = true;
    }

    /** From now on not even the response's headers pass. */
    void silence() {
        committed = true;
    }

    @Override
    public void send(
            MetaData.Request request,
            MetaData.@Nullable Response response,
            boolean last,
            @Nullable ByteBuffer content,
            Callback callback) {
        if (committed || response == null) {
            callback.succeeded();
            return;
        }
        committed = !HttpStatus.isInterim(response.getStatus());
        stream.send(request, response, false, content, callback);
    }

    @Override
    public @Nullable Throwable consumeAvailable() {
        return outlived ? null : stream.consumeAvailable();
    }

    /** Unless it goes on, the stream has ended one way or the other by then: all that is left is to recycle objects. */
    @Override
    public void succeeded() {
        if (!outlived) {
            stream.succeeded();
        }
    }

    @Override
    public void failed(Throwable x) {
        succeeded();
    }

    // ---------------------------------------------------------------- as it is

    @Override
    public String getId() {
        return stream.getId();
    }

    @Override
    public Content.Chunk read() {
        return stream.read();
    }

    @Override
    public void demand() {
        stream.demand();
    }

    @Override
    public void prepareResponse(HttpFields.Mutable headers) {
        stream.prepareResponse(headers);
    }

    @Override
    public Runnable cancelSend(Throwable cause, Callback appCallback) {
        return stream.cancelSend(cause, appCallback);
    }

    @Override
    public void push(MetaData.Request resource) {
        stream.push(resource);
    }

    @Override
    public long getIdleTimeout() {
        return stream.getIdleTimeout();
    }

    @Override
    public void setIdleTimeout(long idleTimeoutMs) {
        stream.setIdleTimeout(idleTimeoutMs);
    }

    @Override
    public boolean isCommitted() {
        return stream.isCommitted();
    }

    @Override
    public TunnelSupport getTunnelSupport() {
        return stream.getTunnelSupport();
    }

    @Override
    public InvocationType getInvocationType() {
        return stream.getInvocationType();
    }
}
