package io.h2conn.internal;

import io.h2conn.ConnectionOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection that is stalled, idle, or too old. Comes by now and then and looks whether the counts of bytes have
 * changed since the last time, so that the bytes themselves pay nothing for it. Part of the engine: guarded by its lock.
 */
final class Patrol {
    /** How often it comes by within a limit. */
    private static final int LOOKS = 4;

    private final EngineCore engine;

    // Nanoseconds; 0 for no limit.
    private final long stallLimit;
    private final long idleLimit;
    private final long lifetime;

    private long born;

    /** Bytes both ways at the last look, and the time of the first look at which there were as many. */
    private long moved;

    private long movedAt;

    /** Bytes written at the last look, whether more waited then, and since which look none of them was written. */
    private long written;

    private boolean waiting;
    private long waitingAt;

    private @Nullable Timer timer;

    private Patrol(EngineCore engine) {
        ConnectionOptions options = engine.options;
        this.engine = engine;
        this.stallLimit = Deadline.timeout("stallTimeout", options.stallTimeout());
        this.idleLimit = Deadline.timeout("idleTimeout", options.idleTimeout());
        this.lifetime = Deadline.timeout("maxLifetime", options.maxLifetime());
    }

    /** A patrol for a connection that has one of the limits, or {@code null}. */
    static @Nullable Patrol asWanted(EngineCore engine) {
        ConnectionOptions options = engine.options;
        boolean wanted = !options.stallTimeout().isZero()
                || !options.idleTimeout().isZero()
                || !options.maxLifetime().isZero();
        return wanted ? new Patrol(engine) : null;
    }

    void start() {
        long now = System.nanoTime();
        born = now;
        movedAt = now;
        if (!engine.state.over()) {
            comeAgain(now);
        }
    }

    void stop() {
        EngineCore.cancel(timer);
        timer = null;
    }

    /** Comes by. What the transport could send was asked without the lock, a moment ago. */
    void onTick(@Nullable Outlet outlet) {
        if (engine.state.over() || engine.state.closed()) {
            return; // after a close it is the close timeout that counts
        }
        long now = System.nanoTime();
        look(now, outlet);
        if (!engine.state.over()) {
            comeAgain(now);
        }
    }

    private void look(long now, @Nullable Outlet outlet) {
        lookForStall(now, outlet);
        lookForTraffic(now);
        long age = now - born;
        if (lifetime == 0 || age < lifetime) {
            return;
        }
        engine.ending.onDraining();
        if (age - lifetime >= engine.options.closeTimeout().toNanos()) {
            end(
                    "was open",
                    "maxLifetime",
                    engine.options.maxLifetime(),
                    " and was not closed within the closeTimeout of " + Durations.text(engine.options.closeTimeout())
                            + " after that");
        }
    }

    private void lookForStall(long now, @Nullable Outlet outlet) {
        long progress = engine.outbound.progress();
        boolean stuck = engine.outbound.unsent() > 0;
        if (!stuck || !waiting || progress != written) {
            waitingAt = now;
        } else if (stallLimit > 0 && now - waitingAt >= stallLimit) {
            end(
                    "was stalled",
                    "stallTimeout",
                    engine.options.stallTimeout(),
                    ": none of the " + engine.outbound.unsent() + " accepted bytes that wait was written"
                            + (outlet == null ? "" : outlet.why()));
        }
        waiting = stuck;
        written = progress;
    }

    private void lookForTraffic(long now) {
        long both = engine.inbound.received() + engine.outbound.progress();
        if (both != moved) {
            moved = both;
            movedAt = now;
        } else if (idleLimit > 0 && now - movedAt >= idleLimit) {
            end("was idle", "idleTimeout", engine.options.idleTimeout(), ": no byte was received or sent");
        }
    }

    private void end(String what, String option, Duration limit, String detail) {
        engine.ending.timeOut(engine.id() + " " + what + " for its " + option + " of " + Durations.text(limit) + detail
                + "; the stream was reset");
    }

    private void comeAgain(long now) {
        long wait = Math.min(share(stallLimit), share(idleLimit));
        if (lifetime > 0) {
            long age = now - born;
            long end = age < lifetime
                    ? lifetime
                    : lifetime + engine.options.closeTimeout().toNanos();
            wait = Math.min(wait, Math.max(1, end - age));
        }
        timer = Threads.schedule(engine::onPatrol, wait);
    }

    private static long share(long limit) {
        return limit == 0 ? Long.MAX_VALUE / 2 : Math.max(1, limit / LOOKS);
    }
}
