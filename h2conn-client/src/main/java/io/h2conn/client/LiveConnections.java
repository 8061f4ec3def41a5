package io.h2conn.client;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The connections of one client that are not over, or whose stream is not. */
final class LiveConnections {
    private final Set<Exchange> all = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Boolean> none = new CompletableFuture<>();
    private volatile boolean draining;
    private volatile boolean endAnnounced;

    void add(Exchange exchange) {
        all.add(exchange);
        if (endAnnounced) {
            exchange.engine().onDraining();
        }
    }

    /** Tells all of them, and those that come, that an end is near. */
    void announceEnd() {
        endAnnounced = true;
        all.forEach(exchange -> exchange.engine().onDraining());
    }

    void remove(Exchange exchange) {
        all.remove(exchange);
        completeIfDrained();
    }

    void forEach(Consumer<Exchange> action) {
        all.forEach(action);
    }

    /** Completes once there is none. To be called when none is added any more. */
    CompletableFuture<Boolean> drained() {
        draining = true;
        completeIfDrained();
        return none;
    }

    private void completeIfDrained() {
        if (draining && all.isEmpty()) {
            none.complete(true);
        }
    }
}
