package io.h2conn.server;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Keeps Jetty's request and response off the HTTP/2 stream once it is ours. The response's headers still pass; the end
 * of the response that Jetty sends when a handler completes, and the reset when it finds unread content, do not.
 */
final class TakeOver extends HttpStream.Wrapper {
    /** Whether the final response's headers have passed. Jetty never sends twice at a time. */
    private volatile boolean committed;

    TakeOver(HttpStream wrapped) {
        super(wrapped);
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
        super.send(request, response, false, content, callback);
    }

    /** The stream has ended one way or the other by then: all that is left for Jetty is to recycle its objects. */
    @Override
    public void failed(Throwable x) {
        super.succeeded();
    }
}
