package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.h2conn.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** A client that knows nothing of this library: Jetty's own, one TCP connection, every frame in sight. */
final class Peer implements AutoCloseable {
    private static final int LIMIT_SECONDS = 10;

    private final HTTP2Client client = new HTTP2Client();
    private final CompletableFuture<Void> settings = new CompletableFuture<>();
    private final Queue<CompletableFuture<Void>> pongs = new ConcurrentLinkedQueue<>();
    private final HTTP2Session session;
    private final URI uri;

    /** What the server sent, in order. */
    final Queue<Frame> frames = new ConcurrentLinkedQueue<>();

    Peer(URI uri) throws Exception {
        this(uri, null);
    }

    Peer(URI uri, SslContextFactory.@Nullable Client tls) throws Exception {
        this.uri = uri;
        if (tls != null) {
            client.addBean(tls);
        }
        client.start();
        Session.Listener listener = new Session.Listener() {
            @Override
            public void onSettings(Session session, SettingsFrame frame) {
                settings.complete(null);
            }

            @Override
            public void onFailure(Session session, Throwable failure, Callback callback) {
                settings.completeExceptionally(failure);
                callback.succeeded();
            }

            @Override
            public void onPing(Session session, PingFrame frame) {
                CompletableFuture<Void> waiting = frame.isReply() ? pongs.poll() : null;
                if (waiting != null) {
                    waiting.complete(null);
                }
            }

            @Override
            public void onClose(Session session, GoAwayFrame frame, Callback callback) {
                settings.completeExceptionally(new EOFException("the session was closed"));
                callback.succeeded();
            }

            @Override
            public boolean onIdleTimeout(Session session) {
                return false;
            }
        };
        client.addEventListener(new HTTP2Session.FrameListener() {
            @Override
            public void onIncomingFrame(Session session, Frame frame) {
                frames.add(frame);
            }
        });
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort());
        CompletableFuture<Session> connected =
                tls == null ? client.connect(address, listener) : client.connect(tls, address, listener);
        try {
            session = (HTTP2Session) get(connected);
            get(settings);
        } catch (Throwable t) {
            client.stop();
            throw t;
        }
    }

    Exchange open(String method, String path) throws Exception {
        return open(method, path, HttpFields.EMPTY, false);
    }

    Exchange open(String method, String path, HttpFields headers, boolean end) throws Exception {
        Exchange exchange = new Exchange();
        MetaData.Request request =
                new MetaData.Request(method, HttpURI.from(uri.resolve(path).toString()), HttpVersion.HTTP_2, headers);
        CompletableFuture<Stream> opened = session.newStream(new HeadersFrame(request, null, end), exchange);
        exchange.stream = get(opened);
        return exchange;
    }

    CompletableFuture<Stream> newStream(HeadersFrame headers, Stream.Listener listener) {
        return session.newStream(headers, listener);
    }

    /** Returns when the server has read everything that was sent before. */
    void ping() throws Exception {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        pongs.add(answered);
        session.ping(new PingFrame(false), Callback.NOOP);
        get(answered);
    }

    boolean sawReset() {
        return frames.stream().anyMatch(ResetFrame.class::isInstance);
    }

    boolean sawReset(ErrorCode code) {
        return frames.stream().anyMatch(frame -> frame instanceof ResetFrame reset && reset.getError() == code.wire());
    }

    boolean sawGoAway() {
        return frames.stream().anyMatch(GoAwayFrame.class::isInstance);
    }

    /** Ends the TCP connection without a word of HTTP/2. */
    void disconnect() {
        session.disconnect();
    }

    @Override
    public void close() throws Exception {
        client.stop();
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(LIMIT_SECONDS, SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("nothing happened for " + LIMIT_SECONDS + " seconds", e);
        }
    }

    /** One stream. Reads all there is, unless told to wait. */
    static final class Exchange implements Stream.Listener {
        private final CompletableFuture<MetaData.Response> response = new CompletableFuture<>();
        private final CompletableFuture<HttpFields> trailers = new CompletableFuture<>();
        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private final CompletableFuture<Integer> reset = new CompletableFuture<>();
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final Queue<Integer> interim = new ConcurrentLinkedQueue<>();
        private volatile boolean endedByHeaders;

        @Nullable
        Stream stream;

        @Override
        public void onHeaders(Stream stream, HeadersFrame frame, Callback callback) {
            callback.succeeded();
            if (frame.getMetaData() instanceof MetaData.Response answer) {
                if (answer.getStatus() < 200) {
                    interim.add(answer.getStatus());
                    return;
                }
                endedByHeaders = frame.isEndStream();
                response.complete(answer);
                stream.demand();
            } else {
                trailers.complete(frame.getMetaData().getHttpFields());
            }
        }

        @Override
        public void onDataAvailable(Stream stream) {
            while (true) {
                Stream.Data data = stream.readData();
                if (data == null) {
                    stream.demand();
                    return;
                }
                ByteBuffer bytes = data.frame().getByteBuffer();
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                data.release();
                synchronized (received) {
                    received.writeBytes(copy);
                    received.notifyAll();
                }
                if (data.frame().isEndStream()) {
                    body.complete(received.toByteArray());
                    return;
                }
            }
        }

        @Override
        public void onReset(Stream stream, ResetFrame frame, Callback callback) {
            reset.complete(frame.getError());
            body.completeExceptionally(new IllegalStateException("reset with " + frame.getError()));
            response.completeExceptionally(new IllegalStateException("reset with " + frame.getError()));
            callback.succeeded();
        }

        @Override
        public void onFailure(
                Stream stream, int error, @Nullable String reason, @Nullable Throwable failure, Callback callback) {
            body.completeExceptionally(new IllegalStateException("lost: " + reason, failure));
            response.completeExceptionally(new IllegalStateException("lost: " + reason, failure));
            callback.succeeded();
        }

        Exchange send(String text) throws Exception {
            return send(text.getBytes(UTF_8), false);
        }

        Exchange send(byte[] bytes, boolean end) throws Exception {
            Callback.Completable written = new Callback.Completable();
            stream.data(new DataFrame(stream.getId(), ByteBuffer.wrap(bytes), end), written);
            get(written);
            return this;
        }

        /** Sends without waiting for the window. */
        CompletableFuture<Void> sendAsync(byte[] bytes) {
            Callback.Completable written = new Callback.Completable();
            stream.data(new DataFrame(stream.getId(), ByteBuffer.wrap(bytes), false), written);
            return written;
        }

        Exchange end() throws Exception {
            return send(new byte[0], true);
        }

        void endWithTrailers(Map<String, String> fields) throws Exception {
            HttpFields.Mutable trailers = HttpFields.build();
            fields.forEach(trailers::add);
            Callback.Completable written = new Callback.Completable();
            stream.headers(
                    new HeadersFrame(
                            stream.getId(), new MetaData(HttpVersion.HTTP_2, trailers.asImmutable()), null, true),
                    written);
            get(written);
        }

        void reset(int code) {
            stream.reset(new ResetFrame(stream.getId(), code), Callback.NOOP);
        }

        MetaData.Response response() throws Exception {
            return get(response);
        }

        boolean endedByHeaders() {
            return endedByHeaders;
        }

        Queue<Integer> interim() {
            return interim;
        }

        /** Waits for the end of the response's body. */
        String body() throws Exception {
            return new String(get(body), UTF_8);
        }

        HttpFields trailers() throws Exception {
            return get(trailers);
        }

        int resetCode() throws Exception {
            return get(reset);
        }

        /** Waits until so much of the body has come. */
        String received(int bytes) throws Exception {
            long deadline = System.nanoTime() + SECONDS.toNanos(LIMIT_SECONDS);
            synchronized (received) {
                while (received.size() < bytes) {
                    long left = (deadline - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        throw new AssertionError("only " + received.size() + " of " + bytes + " bytes came");
                    }
                    received.wait(left);
                }
                return received.toString(UTF_8);
            }
        }
    }
}
