package io.h2conn.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How many of something each remote address has, and how fast it asks for more. Safe for any thread. */
final class AddressCounts {
    /** From here on, addresses that have nothing are forgotten every second. */
    private static final int WORTH_PRUNING = 10_000;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ConcurrentHashMap<Object, Count> counts = new ConcurrentHashMap<>();
    private final AtomicLong lastPruned = new AtomicLong(System.nanoTime());

    /** Changed only within an operation of the map on its key. */
    private static final class Count {
        private int held;
        private double tokens;
        private long filled;
    }

    /** What an address is counted by, or {@code null} if there is none, as for a socket of this machine's file system. */
    static @Nullable Object key(@Nullable SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return null;
        }
        InetAddress address = internet.getAddress();
        return address instanceof Inet6Address
                ? (Object) ByteBuffer.wrap(address.getAddress()).getLong()
                : address;
    }

    /** Takes one, unless the address has as many as it may. */
    boolean take(Object key, int limit) {
        boolean[] taken = new boolean[1];
        counts.compute(key, (k, known) -> {
            Count count = known == null ? new Count() : known;
            taken[0] = count.held < limit;
            if (taken[0]) {
                count.held++;
            }
            return count;
        });
        return taken[0];
    }

    void giveBack(Object key) {
        counts.computeIfPresent(key, (k, count) -> --count.held <= 0 && count.filled == 0 ? null : count);
    }

    /** Whether the address asks no faster than it may. */
    boolean mayAsk(Object key, int perSecond) {
        long now = System.nanoTime();
        prune(now);
        boolean[] allowed = new boolean[1];
        counts.compute(key, (k, known) -> {
            Count count = known == null ? new Count() : known;
            double fresh = count.filled == 0 ? perSecond : (double) (now - count.filled) / SECOND * perSecond;
            count.tokens = Math.min(perSecond, count.tokens + fresh);
            count.filled = now == 0 ? 1 : now;
            allowed[0] = count.tokens >= 1;
            if (allowed[0]) {
                count.tokens--;
            }
            return count;
        });
        return allowed[0];
    }

    private void prune(long now) {
        long last = lastPruned.get();
        if (counts.mappingCount() > WORTH_PRUNING && now - last > SECOND && lastPruned.compareAndSet(last, now)) {
            // Whoever has nothing and has not asked for a second may ask as if he never had.
            counts.values().removeIf(count -> count.held == 0 && now - count.filled > SECOND);
        }
    }

    /** Addresses that are remembered. */
    int size() {
        return counts.size();
    }
}
