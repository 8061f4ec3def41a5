package io.h2conn.client;

import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import io.h2conn.jetty.SparingEndPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The making of one TCP connection to an origin, from its name to the server's SETTINGS, and what is known when it
 * fails: Jetty reports most failures after the handshake as a closed channel.
 *
 * <p>Tries the addresses of the host one after the other, each for its share of the time. Only one attempt is current;
 * whoever takes it out of {@link #current} decides what comes next, so that late reports of earlier ones change
 * nothing.
 */
final class Dial {
    /** Where in the context of Jetty's factories an attempt is found. */
    static final String CONTEXT_KEY = Dial.class.getName();

    /** Bytes. Enough of what a server says instead of SETTINGS to recognise it. */
    private static final int GREETING_BYTES = 64;

    private final HTTP2Client client;
    private final Dialer.Network network;
    private final SslContextFactory.@Nullable Client tls;
    private final WebOrigin origin;
    private final Duration limit;
    private final Session.Listener listener;
    private final Consumer<OpenFailure> onFailure;
    private final AtomicReference<@Nullable Attempt> current = new AtomicReference<>();
    private volatile boolean aborted;
    private volatile @Nullable Attempt last;
    private List<InetAddress> addresses = List.of();
    private int next;
    private long deadline;

    /**
     * Makes a dial that has not started.
     *
     * @param tls for https, or {@code null}
     * @param limit for all addresses together
     * @param listener of the session
     * @param onFailure told when there will be no session, unless the listener is
     */
    Dial(
            HTTP2Client client,
            Dialer.Network network,
            SslContextFactory.@Nullable Client tls,
            WebOrigin origin,
            Duration limit,
            Session.Listener listener,
            Consumer<OpenFailure> onFailure) {
        this.client = client;
        this.network = network;
        this.tls = tls;
        this.origin = origin;
        this.limit = limit;
        this.listener = listener;
        this.onFailure = onFailure;
    }

    /** Begins. Does not block: the name service is asked on another thread. */
    void start() {
        deadline = System.nanoTime() + Limits.nanos(limit);
        if (origin.isLiteral()) {
            resolve();
        } else {
            Threads.executor().execute(this::resolve);
        }
    }

    private void resolve() {
        try {
            addresses = List.of(network.resolver().resolve(origin.host()));
        } catch (UnknownHostException | RuntimeException e) {
            onFailure.accept(OpenFailures.unknownHost(origin, e));
            return;
        }
        connectNext();
    }

    private void connectNext() {
        InetSocketAddress address = new InetSocketAddress(addresses.get(next++), origin.port());
        Attempt attempt = new Attempt(address);
        last = attempt;
        current.set(attempt);
        if (aborted) {
            abort();
            return;
        }
        if (next < addresses.size()) {
            long share = (deadline - System.nanoTime()) / (addresses.size() - next + 1);
            attempt.timer = Threads.schedule(() -> onTcpFailed(attempt), share);
        }
        Map<String, Object> context = new HashMap<>();
        context.put(CONTEXT_KEY, attempt);
        try {
            client.connect(
                    attempt, tls, address, listener, Promise.from(session -> {}, x -> onFailed(attempt, x)), context);
        } catch (RuntimeException e) {
            onFailed(attempt, e); // Jetty has no ALPN, or a name service has returned nonsense
        }
    }

    private void onFailed(Attempt attempt, Throwable cause) {
        if (attempt.stage == Stage.TCP && next < addresses.size()) {
            onTcpFailed(attempt);
        } else if (current.compareAndSet(attempt, null)) {
            attempt.close();
            onFailure.accept(explain(cause));
        }
    }

    /** Goes on to the next address, which there is. */
    private void onTcpFailed(Attempt attempt) {
        if (attempt.stage == Stage.TCP && current.compareAndSet(attempt, null)) {
            attempt.close();
            connectNext();
        }
    }

    /** Closes the TCP connection, or gives up on making one. */
    void abort() {
        aborted = true;
        Attempt attempt = current.getAndSet(null);
        if (attempt != null) {
            attempt.close();
        }
    }

    /** The server has spoken HTTP/2: tells whether for the first time. */
    boolean onSettings() {
        Attempt attempt = last;
        if (attempt == null || attempt.stage == Stage.OPEN) {
            return false;
        }
        attempt.stage = Stage.OPEN;
        return true;
    }

    boolean isOpen() {
        Attempt attempt = last;
        return attempt != null && attempt.stage == Stage.OPEN;
    }

    /** What it waits for, as the end of a sentence. */
    String progress() {
        Attempt attempt = last;
        if (attempt == null) {
            return "the address of " + origin.host() + " is not known yet";
        }
        return switch (attempt.stage) {
            case TCP -> attempt.address + " has not accepted the TCP connection";
            case TLS -> "the TLS handshake with " + attempt.address + " has not finished";
            case SETTINGS -> attempt.address + " has not sent its HTTP/2 SETTINGS; does it speak HTTP/2?";
            case OPEN -> "the session is open";
        };
    }

    /** Makes of Jetty's report, and of what was seen before it, what the user is told. */
    OpenFailure explain(@Nullable Throwable reported) {
        Attempt attempt = last;
        if (attempt == null) {
            return OpenFailures.lost(origin, reported);
        }
        SSLException tlsFailure = attempt.tlsFailure;
        return switch (attempt.stage) {
            case TCP -> OpenFailures.unreachable(origin, addresses.size(), reported);
            case TLS -> OpenFailures.handshakeFailed(origin, attempt.alpn, tlsFailure != null ? tlsFailure : reported);
            case SETTINGS ->
                tlsFailure != null
                        ? OpenFailures.rejectedAfterHandshake(origin, tlsFailure)
                        : OpenFailures.noSettings(origin, attempt.greeting, reported);
            case OPEN -> OpenFailures.lost(origin, reported);
        };
    }

    private enum Stage {
        TCP,
        TLS,
        SETTINGS,
        OPEN
    }

    /** One address: how Jetty makes the TCP connection, and what was seen on it. */
    final class Attempt extends Transport.TCPIP {
        private final InetSocketAddress address;
        private volatile Stage stage = Stage.TCP;
        private volatile @Nullable SocketChannel channel;
        private volatile @Nullable EndPoint endPoint;
        private volatile boolean opened;
        private volatile boolean closed;
        private volatile @Nullable Timer timer;
        private volatile @Nullable String alpn;
        private volatile @Nullable SSLException tlsFailure;
        private volatile @Nullable String greeting;

        private Attempt(InetSocketAddress address) {
            this.address = address;
        }

        @Override
        public SelectableChannel newSelectableChannel() throws IOException {
            SocketChannel made = SocketChannel.open();
            channel = made;
            if (closed) {
                made.close();
            }
            return made;
        }

        /** The TCP connection is made. */
        @Override
        public EndPoint newEndPoint(
                Scheduler scheduler, ManagedSelector selector, SelectableChannel selectable, SelectionKey key) {
            Timer pending = timer;
            if (pending != null) {
                pending.cancel();
            }
            stage = tls == null ? Stage.SETTINGS : Stage.TLS;
            EndPoint made = new DialedEndPoint(this, (SocketChannel) selectable, selector, key, scheduler);
            endPoint = made;
            return made;
        }

        /** The TLS handshake is done; sees to it that nothing but HTTP/2 is spoken on it. */
        void onHandshake(@Nullable String protocol) throws SSLException {
            if (!"h2".equals(protocol)) {
                alpn = protocol == null ? "" : protocol;
                throw new SSLHandshakeException("ALPN chose '" + alpn + "' instead of h2");
            }
            stage = Stage.SETTINGS;
        }

        /**
         * Remembers the first alert or failure of the TLS engine, of which Jetty only reports that the channel
         * closed.
         */
        void onTlsFailure(SSLException failure) {
            if (tlsFailure == null) {
                tlsFailure = failure;
            }
        }

        /** Jetty lets go of an end point only once it is open. */
        private void onOpen() {
            opened = true;
            if (closed) {
                close();
            }
        }

        private void close() {
            closed = true;
            Timer pending = timer;
            if (pending != null) {
                pending.cancel();
            }
            EndPoint made = endPoint;
            SocketChannel connecting = channel;
            if (made != null && opened) {
                made.close();
            } else if (connecting != null && !connecting.isConnected()) {
                IO.close(connecting);
            }
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** Tells when it is open, and keeps the beginning of what comes without TLS: all there is to tell what that is. */
    private final class DialedEndPoint extends SparingEndPoint {
        private final Attempt attempt;
        private boolean greeted;

        DialedEndPoint(
                Attempt attempt,
                SocketChannel channel,
                ManagedSelector selector,
                SelectionKey key,
                Scheduler scheduler) {
            super(channel, selector, key, scheduler, network.reading());
            this.attempt = attempt;
            this.greeted = tls != null;
        }

        @Override
        public void onOpen() {
            super.onOpen();
            attempt.onOpen();
        }

        @Override
        public int fill(ByteBuffer buffer) throws IOException {
            int filled = super.fill(buffer);
            if (!greeted && filled > 0) {
                greeted = true;
                byte[] bytes = new byte[Math.min(GREETING_BYTES, filled)];
                buffer.duplicate().get(bytes);
                attempt.greeting = new String(bytes, StandardCharsets.ISO_8859_1);
            }
            return filled;
        }
    }
}
