package io.h2conn.client;

import io.h2conn.ConnectionRefusedException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Takes over a stream whose answer is a refusal, and keeps the beginning of its body. Everything but the body goes on
 * to the listener that the stream had.
 */
final class RefusalReader implements Stream.Listener {
    private final Stream.Listener before;
    private final Consumer<byte[]> onBody;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final AtomicBoolean finished = new AtomicBoolean();

    /**
     * Makes a reader.
     *
     * @param before the stream's listener until now
     * @param onBody told once, with as much of the body as there is or as is kept
     */
    RefusalReader(Stream.Listener before, Consumer<byte[]> onBody) {
        this.before = before;
        this.onBody = onBody;
    }

    /** Makes do with what has arrived. Safe for any thread. */
    void finish() {
        if (finished.compareAndSet(false, true)) {
            byte[] kept;
            synchronized (body) {
                kept = body.toByteArray();
            }
            onBody.accept(kept);
        }
    }

    @Override
    public void onDataAvailable(Stream stream, boolean immediate) {
        while (!finished.get()) {
            Stream.Data data = stream.readData();
            if (data == null) {
                stream.demand();
                return;
            }
            DataFrame frame = data.frame();
            int missing = keep(frame.getByteBuffer());
            data.release();
            if (frame.isEndStream() || missing == 0) {
                finish();
            }
        }
    }

    /** Returns how many more bytes would be kept. */
    private int keep(ByteBuffer bytes) {
        synchronized (body) {
            byte[] piece =
                    new byte[Math.min(bytes.remaining(), ConnectionRefusedException.MAX_BODY_BYTES - body.size())];
            bytes.get(piece);
            body.writeBytes(piece);
            return ConnectionRefusedException.MAX_BODY_BYTES - body.size();
        }
    }

    @Override
    public void onHeaders(Stream stream, HeadersFrame frame, Callback callback) {
        callback.succeeded(); // trailers; the end that comes with them is data to Jetty
    }

    @Override
    public void onReset(Stream stream, ResetFrame frame, Callback callback) {
        finish();
        before.onReset(stream, frame, callback);
    }

    @Override
    public void onFailure(
            Stream stream, int error, @Nullable String reason, @Nullable Throwable failure, Callback callback) {
        finish();
        before.onFailure(stream, error, reason, failure, callback);
    }

    @Override
    public void onIdleTimeout(Stream stream, TimeoutException timeout, Promise<Boolean> promise) {
        before.onIdleTimeout(stream, timeout, promise);
    }

    @Override
    public void onClosed(Stream stream) {
        before.onClosed(stream);
    }
}
