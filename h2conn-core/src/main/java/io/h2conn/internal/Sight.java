package io.h2conn.internal;

import org.jspecify.annotations.Nullable;

/**
 * What a connection knows about itself beyond what it needs to carry bytes. Most connections have none: it is made for those
 * whose options ask for it. Part of the engine: guarded by its lock.
 */
final class Sight {
    private final @Nullable Patrol patrol;

    private Sight(@Nullable Patrol patrol) {
        this.patrol = patrol;
    }

    /** What the options of a connection ask for, or {@code null} if that is nothing. */
    static @Nullable Sight asWanted(EngineCore engine) {
        Patrol patrol = Patrol.asWanted(engine);
        return patrol == null ? null : new Sight(patrol);
    }

    /** The headers are out. */
    void start() {
        if (patrol != null) {
            patrol.start();
        }
    }

    void onPatrol() {
        if (patrol != null) {
            patrol.onTick();
        }
    }

    /** The connection is over. */
    void stop() {
        if (patrol != null) {
            patrol.stop();
        }
    }
}
