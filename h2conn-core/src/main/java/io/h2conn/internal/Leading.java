package io.h2conn.internal;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The thread of an engine that waits for input by leading the session ({@link Lead}). Part of the engine: guarded by its lock,
 * which the caller holds.
 *
 * <p>The leader is noted before the lock is left for the wait, and whoever changes what it waits for finds it there: no wake-up
 * is lost. What it has read itself it looks at by itself.
 */
final class Leading {
    private final EngineCore engine;
    private @Nullable Thread leader;

    Leading(EngineCore engine) {
        this.engine = engine;
    }

    /**
     * Waits for input by reading it, if it can; leaves the lock meanwhile. Returns whether this thread may do so again; otherwise it has
     * said that it will park.
     */
    boolean lead(Lead lead, WaitPoint point, long nanos) {
        if (leader != null || !lead.mayLead() || Threads.onVirtualThread()) {
            lead.park();
            return false;
        }
        leader = Thread.currentThread();
        int ticket = lead.ticket();
        point.enter();
        boolean goesOn;
        try {
            engine.leave();
            goesOn = lead.lead(ticket, nanos);
        } finally {
            engine.lock.lock();
            point.leave();
            leader = null;
        }
        if (!goesOn) {
            lead.park();
        }
        return goesOn;
    }

    /** Somebody begins to wait for input without a thread. Returns where that is noted, and is to be taken back. */
    @Nullable
    Lead park() {
        Lead lead = engine.transport.lead();
        if (lead != null) {
            lead.park();
            if (lead.isAlone()) {
                engine.afterwards(lead::attend);
            }
        }
        return lead;
    }

    /** Something came that a thread waits for. */
    void wakeOne(@Nullable WaitPoint readable) {
        if (!wakeLeader()) {
            EngineCore.signal(readable);
        }
    }

    /** Something came that ends all waiting for input. */
    void wakeAll(@Nullable WaitPoint readable) {
        boolean unused = wakeLeader();
        EngineCore.signalAll(readable);
    }

    /** Makes the leader look again. Returns whether that is enough, since it is this thread, which will. */
    private boolean wakeLeader() {
        if (leader == null) {
            return false;
        }
        Lead lead = Objects.requireNonNull(engine.transport.lead());
        if (leader.equals(Thread.currentThread())) {
            lead.note(); // perhaps before it waits: on leaving the lock it does what others have left to it
            return true;
        }
        engine.afterwards(lead::wake);
        return false;
    }
}
