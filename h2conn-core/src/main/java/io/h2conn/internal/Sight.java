package io.h2conn.internal;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection knows about itself beyond what it needs to carry bytes. Most connections have none: it is made for those
 * whose options ask for it, or when a window runs empty. Part of the engine: guarded by its lock.
 */
final class Sight {
    private final @Nullable Patrol patrol;
    private final @Nullable Reports reports;

    /** A reading of the clock, if {@link #inputFull}. */
    private long inputFullSince;

    private boolean inputFull;

    /** The reading of the clock from which on a listener has taken its time; 0 if it does not. */
    long listenerSince;

    Sight(@Nullable Patrol patrol, @Nullable Reports reports) {
        this.patrol = patrol;
        this.reports = reports;
    }

    /** What the options of a connection ask for, or {@code null} if that is nothing. */
    static @Nullable Sight asWanted(EngineCore engine) {
        Patrol patrol = Patrol.asWanted(engine);
        ConnectionObserver observer = engine.options.observer();
        return patrol == null && observer == null
                ? null
                : new Sight(patrol, observer == null ? null : new Reports(engine, observer));
    }

    /** The headers are out. */
    void start() {
        if (patrol != null) {
            patrol.start();
        }
    }

    void onPatrol(@Nullable Outlet outlet) {
        if (patrol != null) {
            patrol.onTick(outlet);
        }
    }

    void tell(Consumer<ConnectionObserver> event) {
        if (reports != null) {
            reports.tell(event);
        }
    }

    void onReceived() {
        if (reports != null) {
            reports.onReceived();
        }
    }

    void onSent(boolean bytes) {
        if (reports != null) {
            reports.onSent(bytes);
        }
    }

    /** A write waits for room. Returns whether there is somebody to tell, outside the lock. */
    boolean onWriteWaits() {
        return reports != null && reports.onWriteWaits();
    }

    /** The peer has used up the window. */
    void onInputFull(int unread) {
        if (!inputFull) {
            inputFull = true;
            inputFullSince = System.nanoTime();
            if (reports != null) {
                reports.onInputFull(unread);
            }
        }
    }

    /** The peer gets credit. */
    void onCredit() {
        if (inputFull) {
            inputFull = false;
            if (reports != null) {
                reports.onInputMoves(System.nanoTime() - inputFullSince);
            }
        }
    }

    /** Nanoseconds for which the peer has had no window, or less than 0 if it has some. */
    long inputFullFor(long now) {
        return inputFull ? Math.max(0, now - inputFullSince) : -1;
    }

    void onDraining() {
        if (reports != null) {
            reports.onDraining();
        }
    }

    /** The connection is over. */
    void onOver(CloseReason reason) {
        if (patrol != null) {
            patrol.stop();
        }
        if (reports != null) {
            reports.onClosed(reason);
        }
    }
}
