package io.h2conn.server;

import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http2.HTTP2Channel;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What Jetty finds attached to a stream in place of the request that has become a connection, so that the request can be
 * garbage while the connection lives. Keeps Jetty from closing a session whose connections are quiet. The stream's events
 * go elsewhere, except for one that was already on its way here.
 */
final class OutlivedRequest implements HTTP2Channel.Server {
    static final OutlivedRequest INSTANCE = new OutlivedRequest();

    private OutlivedRequest() {}

    @Override
    public boolean isIdle() {
        return false;
    }

    @Override
    public @Nullable Runnable onDataAvailable() {
        return null;
    }

    @Override
    public @Nullable Runnable onTrailer(HeadersFrame frame) {
        return null;
    }

    @Override
    public void onTimeout(TimeoutException timeout, BiConsumer<Runnable, Boolean> consumer) {
        consumer.accept(() -> {}, false);
    }

    @Override
    public @Nullable Runnable onFailure(Throwable failure, Callback callback) {
        callback.succeeded();
        return null;
    }
}
