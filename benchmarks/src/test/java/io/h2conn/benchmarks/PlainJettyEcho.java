package io.h2conn.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.server.RawHTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** An echo of 64 bytes over one stream, with nothing but Jetty and as little of it as possible. */
final class PlainJettyEcho implements AutoCloseable {
    private final Server server;
    private final HTTP2Client client = new HTTP2Client();
    private final Semaphore arrived = new Semaphore(0);
    private final byte[] answer = new byte[64];
    private final byte[] message = new byte[64];
    private final Stream stream;

    PlainJettyEcho() throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setReservedThreads(0);
        server = new Server(threads);
        ServerConnector connector = new ServerConnector(
                server, 1, 1, new RawHTTP2ServerConnectionFactory(new HttpConfiguration(), new Echo()));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.start();
        client.start();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        Promise.Completable<Session> session = new Promise.Completable<>();
        client.connect(address, new Session.Listener() {}, session);
        MetaData.Request request = new MetaData.Request(
                "POST", HttpURI.from("http://127.0.0.1/echo"), HttpVersion.HTTP_2, HttpFields.EMPTY);
        Promise.Completable<Stream> opened = new Promise.Completable<>();
        session.get(10, TimeUnit.SECONDS)
                .newStream(new HeadersFrame(request, null, false), opened, new Stream.Listener() {
                    @Override
                    public void onHeaders(Stream stream, HeadersFrame frame, Callback callback) {
                        callback.succeeded();
                        stream.demand();
                    }

                    @Override
                    public void onDataAvailable(Stream stream, boolean immediate) {
                        take(stream);
                    }
                });
        stream = opened.get(10, TimeUnit.SECONDS);
    }

    private void take(Stream stream) {
        for (Stream.Data data = stream.readData(); data != null; data = stream.readData()) {
            ByteBuffer bytes = data.frame().getByteBuffer();
            int n = bytes.remaining();
            bytes.get(answer, 0, n);
            data.release();
            arrived.release(n);
        }
        stream.demand();
    }

    void exchange() throws InterruptedException {
        stream.data(new DataFrame(stream.getId(), ByteBuffer.wrap(message), false), Callback.NOOP);
        if (!arrived.tryAcquire(message.length, 10, TimeUnit.SECONDS)) {
            throw new AssertionError("no echo");
        }
    }

    @Override
    public void close() throws Exception {
        client.stop();
        server.stop();
    }

    private static final class Echo implements ServerSessionListener {
        @Override
        public Map<Integer, Integer> onPreface(Session session) {
            return Map.of();
        }

        @Override
        public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
            MetaData.Response response = new MetaData.Response(200, null, HttpVersion.HTTP_2, HttpFields.EMPTY);
            stream.headers(new HeadersFrame(stream.getId(), response, null, false), Callback.NOOP);
            stream.demand();
            return new Stream.Listener() {
                @Override
                public void onDataAvailable(Stream echoed, boolean immediate) {
                    for (Stream.Data data = echoed.readData(); data != null; data = echoed.readData()) {
                        echoed.data(
                                new DataFrame(echoed.getId(), data.frame().getByteBuffer(), false),
                                Callback.from(data::release));
                    }
                    echoed.demand();
                }
            };
        }
    }
}
