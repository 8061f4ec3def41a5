package io.h2conn.internal;

import io.h2conn.ConnectionObserver;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls observers, whose mistakes must harm nobody. */
public final class Observers {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionObserver.class);

    /** Those that have thrown. */
    private static final Set<ConnectionObserver> FAULTY =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private Observers() {}

    /**
     * Tells an observer of an event. Throws nothing.
     *
     * @param observer whom, or {@code null} for nobody
     * @param event what
     */
    public static void tell(@Nullable ConnectionObserver observer, Consumer<ConnectionObserver> event) {
        if (observer == null) {
            return;
        }
        try {
            event.accept(observer);
        } catch (Throwable t) {
            // Whatever it is: it belongs to the observer, and the thread to the connection.
            if (FAULTY.add(observer)) {
                LOG.warn("an observer of connections threw; what else it throws is not logged", t);
            }
        }
    }
}
