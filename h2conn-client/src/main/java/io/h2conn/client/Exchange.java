package io.h2conn.client;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionRefusedException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.internal.Engine;
import io.h2conn.jetty.ExchangeInfo;
import io.h2conn.jetty.Headers;
import io.h2conn.jetty.SessionMemory;
import io.h2conn.jetty.StreamOwner;
import io.h2conn.jetty.StreamTransport;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One request on one session, and the connection that becomes of it. Sent by {@link #send}; tells its {@link Observer}
 * what comes of it.
 */
final class Exchange implements StreamOwner {
    /** RFC 7541, section 4.1: what a header counts beyond its name and value. */
    private static final int HEADER_OVERHEAD_BYTES = 32;

    /** RFC 6585, section 5. */
    private static final int HEADERS_TOO_LARGE = 431;

    /** The beginning of its connection's name. */
    static final String KIND = "client";

    private static final CloseReason NOT_OVER = new CloseReason(Origin.LOCAL, null, null, 0, 0, 0);

    /** Told once each, in this order, on any thread; must not block. */
    interface Observer {
        /** The request cannot go out on this session; nothing was sent, and {@link #send} may be called again. */
        void onNotSent(Exchange exchange, PooledSession session, Throwable cause);

        /** The request is out. */
        void onSent(Exchange exchange);

        /** The server has accepted. */
        void onAccepted(Exchange exchange);

        /** The server has refused; the connection has failed. */
        void onRefused(Exchange exchange, ConnectionRefusedException refusal);

        /** The connection is over, and the stream with it. */
        void onOver(Exchange exchange, @Nullable PooledSession session);
    }

    private final ConnectRequest request;
    private final Duration closeTimeout;
    private final boolean startsEarly;
    private final Observer observer;
    private final MetaData.Request head;
    private final StreamTransport transport;

    /**
     * Held while the transport starts, so that a refusal which arrives meanwhile does not lose its body to the engine.
     * The transport may call the engine meanwhile, but waits for nothing.
     */
    private final ReentrantLock starting = new ReentrantLock();

    private boolean started;
    private boolean refused;
    private volatile @Nullable RefusalReader refusal;
    private volatile @Nullable PooledSession session;
    private volatile long receivedBefore;
    private volatile @Nullable HTTP2Stream stream;

    /**
     * Makes a request that is not sent.
     *
     * @param startsEarly whether the application may write before the answer
     */
    Exchange(ConnectRequest request, ConnectionOptions options, long number, boolean startsEarly, Observer observer) {
        this.request = request;
        this.closeTimeout = options.closeTimeout();
        this.startsEarly = startsEarly;
        this.observer = observer;
        HttpURI uri = RequestTarget.of(request.uri());
        HttpFields headers = Headers.toFields(request.headers());
        this.head = new MetaData.Request(request.method(), uri, HttpVersion.HTTP_2, headers);
        this.transport = new StreamTransport(
                new ExchangeInfo(request.method(), uri, headers), options, Engine.Role.CLIENT, KIND, number, this);
    }

    Engine engine() {
        return transport.engine();
    }

    /** Whether there is a session, so that {@link Observer#onOver} will come. */
    boolean isPlaced() {
        return session != null;
    }

    /** The session, if nothing at all has come from the server since the request was sent on it. */
    @Nullable
    PooledSession silentSession() {
        PooledSession used = session;
        return used != null && used.received() == receivedBefore ? used : null;
    }

    Duration closeTimeout() {
        return closeTimeout;
    }

    /** Sends the request on a session, on which it has a place. */
    void send(PooledSession place) {
        session = place;
        receivedBefore = place.received();
        HTTP2Session jetty = place.session();
        int size = headerListSize();
        int limit = jetty.getGenerator().getHpackEncoder().getMaxHeaderListSize();
        if (limit > 0 && size > limit) {
            // Sent nevertheless, it would end the session, and every other connection with it.
            tooLarge(size, limit);
            return;
        }
        SessionMemory.of(jetty).sendHeaders(!startsEarly, () -> newStream(jetty, new Sending(place)));
    }

    private void newStream(HTTP2Session jetty, Sending sending) {
        try {
            jetty.newStream(new HeadersFrame(head, null, false), sending, new FirstListener());
        } catch (Throwable t) {
            sending.failed(t); // whatever it is, nobody else reports it
        }
    }

    private void tooLarge(int size, int limit) {
        ConnectionRefusedException failure = new ConnectionRefusedException(
                "the headers of " + RequestTarget.describe(request) + " take " + size + " bytes, more than the " + limit
                        + " that the server and this client allow; nothing was sent",
                HEADERS_TOO_LARGE,
                Headers.EMPTY,
                new byte[0]);
        fail(failure);
        observer.onRefused(this, failure);
        onGone();
    }

    private int headerListSize() {
        HttpURI uri = head.getHttpURI();
        int size = size(":method", head.getMethod())
                + size(":scheme", uri.getScheme())
                + size(":authority", uri.getAuthority())
                + size(":path", uri.getPathQuery());
        for (HttpField field : head.getHttpFields()) {
            size += size(field.getName(), field.getValue());
        }
        return size;
    }

    private static int size(String name, @Nullable String value) {
        return name.length() + (value == null ? 0 : value.length()) + HEADER_OVERHEAD_BYTES;
    }

    /** Ends the connection as failed, and its stream if there is one or will be. */
    void fail(ConnectionFailure failure) {
        engine().onFailure(failure);
        transport.reset(ErrorCode.CANCEL);
    }

    /** If a refusal is under way, makes do with what has arrived of its body. */
    boolean finishRefusal() {
        RefusalReader reader = refusal;
        if (reader != null) {
            reader.finish();
        }
        return reader != null;
    }

    private void start() {
        starting.lock();
        try {
            if (!started && !refused) {
                started = true;
                transport.start();
            }
        } finally {
            starting.unlock();
        }
    }

    private final class FirstListener implements Stream.Listener {
        @Override
        public void onNewStream(Stream created) {
            stream = (HTTP2Stream) created;
            transport.attach((HTTP2Stream) created); // this listener is replaced
            if (!startsEarly) {
                start(); // nobody can write yet, and so nothing can be sent before the headers
            }
        }
    }

    private final class Sending implements Promise<Stream> {
        private final PooledSession place;

        Sending(PooledSession place) {
            this.place = place;
        }

        @Override
        public void succeeded(Stream sent) {
            start();
            observer.onSent(Exchange.this);
        }

        @Override
        public void failed(Throwable cause) {
            if (stream == null) {
                session = null;
                observer.onNotSent(Exchange.this, place, cause);
            } else {
                transport.startFailed(cause);
            }
        }
    }

    @Override
    public void onResponse(int status, boolean ended) {
        if (status >= 200 && status < 300) {
            start();
            engine().report(told -> told.onAccepted(engine(), status));
            observer.onAccepted(this);
        } else if (status >= 200 || ended) {
            refuse(status, ended);
        }
    }

    private void refuse(int status, boolean ended) {
        HTTP2Stream answered = stream;
        RefusalReader reader = new RefusalReader(transport, body -> {
            ConnectionRefusedException failure = Refusals.describe(
                    RequestTarget.describe(request), status, transport.info().responseHeaders(), body);
            fail(failure);
            observer.onRefused(this, failure);
        });
        if (ended || answered == null) {
            reader.finish();
            return;
        }
        refusal = reader;
        boolean demand;
        starting.lock();
        try {
            refused = true;
            demand = !started;
            answered.setListener(reader);
        } finally {
            starting.unlock();
        }
        if (demand) {
            answered.demand(); // a transport that has started does it
        }
    }

    @Override
    public void onGone() {
        observer.onOver(this, session);
    }

    /** Why the connection is over, or {@code null} if it is not, or ended in an orderly way. */
    @Nullable
    ConnectionFailure failure() {
        CloseReason reason = engine().closed().toCompletableFuture().getNow(NOT_OVER);
        return reason.failure();
    }
}
