package io.h2conn.server;

import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the {@link ServerLimits} of one server. Safe for any thread. */
final class Gatekeeper {
    private static final Logger LOG = LoggerFactory.getLogger(ServerLimits.class);

    /** Milliseconds between two looks at the memory while there are connections. */
    private static final long LOOK_MILLIS = 250;

    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Server server;
    private final Set<Engine> open;
    private final AtomicInteger total = new AtomicInteger();
    private final AddressCounts connections = new AddressCounts();
    private final AddressCounts requests = new AddressCounts();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - LOG_EVERY_NANOS);
    private volatile ServerLimits limits = ServerLimits.defaults();
    private volatile long buffered;

    /** @param open the connections */
    Gatekeeper(Server server, Set<Engine> open) {
        this.server = server;
        this.open = open;
    }

    ServerLimits limits() {
        return limits;
    }

    void limits(ServerLimits limits) {
        this.limits = limits;
    }

    /** What to answer a request that need not even be asked about, or {@code null}. Counts it. */
    @Nullable
    Refusal knock(Request request) {
        ServerLimits now = limits;
        if (now.maxConnectsPerSecondPerAddress() != ServerLimits.UNLIMITED) {
            Object key = key(request);
            if (key != null && !requests.mayAsk(key, now.maxConnectsPerSecondPerAddress())) {
                return refuse(
                        HttpStatus.TOO_MANY_REQUESTS_429,
                        "maxConnectsPerSecondPerAddress",
                        now.maxConnectsPerSecondPerAddress());
            }
        }
        if (buffered > now.maxBufferedBytes()) {
            return refuse(HttpStatus.SERVICE_UNAVAILABLE_503, "maxBufferedBytes", now.maxBufferedBytes());
        }
        return total.get() >= now.maxConnections() ? full(now) : null;
    }

    /**
     * Lets one in, who must {@link #leave} with the same address.
     *
     * @param key from {@link #countedBy}
     * @return {@code null}, or what to answer instead
     */
    @Nullable
    Refusal enter(@Nullable Object key) {
        ServerLimits now = limits;
        if (key != null && !connections.take(key, now.maxConnectionsPerAddress())) {
            return refuse(HttpStatus.TOO_MANY_REQUESTS_429, "maxConnectionsPerAddress", now.maxConnectionsPerAddress());
        }
        if (total.incrementAndGet() > now.maxConnections()) {
            leave(key);
            return full(now);
        }
        watch();
        return null;
    }

    void leave(@Nullable Object key) {
        total.decrementAndGet();
        if (key != null) {
            connections.giveBack(key);
        }
    }

    /** The address, if connections are counted by it. */
    @Nullable
    Object countedBy(Request request) {
        return limits.maxConnectionsPerAddress() == ServerLimits.UNLIMITED ? null : key(request);
    }

    private static @Nullable Object key(Request request) {
        return AddressCounts.key(request.getConnectionMetaData().getRemoteSocketAddress());
    }

    private Refusal full(ServerLimits now) {
        return refuse(HttpStatus.SERVICE_UNAVAILABLE_503, "maxConnections", now.maxConnections());
    }

    private Refusal refuse(int status, String limit, long value) {
        long last = lastLogged.get();
        long now = System.nanoTime();
        if (now - last >= LOG_EVERY_NANOS && lastLogged.compareAndSet(last, now)) {
            LOG.warn("connections are refused with {}: {} is {}; said once a minute at most", status, limit, value);
        }
        return Refusal.status(status)
                .header(HttpHeader.RETRY_AFTER.asString(), "1")
                .body("This server's limit is reached: " + limit + " is " + value + ".\n");
    }

    // ---------------------------------------------------------------- memory

    private void watch() {
        if (looking.compareAndSet(false, true)) {
            lookLater();
        }
    }

    private void lookLater() {
        server.getScheduler().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Each look visits all connections, some microseconds for a thousand of them. */
    private void look() {
        try {
            measure();
        } catch (Throwable t) { // it must not be the last look
            LOG.error("measuring the buffers failed", t);
        }
        if (total.get() > 0) {
            lookLater();
            return;
        }
        looking.set(false);
        if (total.get() > 0) {
            watch(); // Somebody came in between.
        }
    }

    private void measure() {
        long unread = 0;
        long unsent = 0;
        for (Engine engine : open) {
            unread += engine.unreadBytes();
            unsent += engine.unsentBytes();
        }
        // What is unread lies in network buffers, which are larger, or was copied out of them.
        long held = unsent + Math.max(unread, networkBuffers());
        buffered = held;
        long limit = limits.maxBufferedBytes();
        if (held > limit + limit / 2) {
            relieve(held, limit);
        }
    }

    private long networkBuffers() {
        return server.getByteBufferPool() instanceof ArrayByteBufferPool pool
                ? pool.getHeapMemory()
                        - pool.getAvailableHeapMemory()
                        + pool.getDirectMemory()
                        - pool.getAvailableDirectMemory()
                : 0;
    }

    private record Holder(Engine engine, long bytes) {}

    private void relieve(long held, long limit) {
        List<Holder> largest = open.stream()
                .map(engine -> new Holder(engine, engine.unreadBytes() + engine.unsentBytes()))
                .sorted(Comparator.comparingLong(Holder::bytes).reversed())
                .toList();
        long left = held;
        int reset = 0;
        for (Holder holder : largest) {
            if (left <= limit || holder.bytes() == 0) {
                break;
            }
            holder.engine().abort(ErrorCode.ENHANCE_YOUR_CALM);
            left -= holder.bytes();
            reset++;
        }
        LOG.warn(
                "connections held {} bytes, more than one and a half times maxBufferedBytes, which is {}; the {} that held"
                        + " most were reset, {} first",
                held,
                limit,
                reset,
                largest.isEmpty() ? "none" : largest.get(0).engine().id());
    }
}
