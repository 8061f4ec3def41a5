package io.h2conn.internal;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionObserver;
import io.h2conn.StallCause;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Tells a connection's observer what happens, one event after the other. Events are noted with the engine's lock, which puts them
 * in order, and told without it, by one thread at a time: whoever notes one while another thread tells leaves it to that thread.
 */
final class Reports {
    private final EngineCore engine;
    private final ConnectionObserver observer;
    private final ConcurrentLinkedQueue<Consumer<ConnectionObserver>> due = new ConcurrentLinkedQueue<>();
    private final AtomicInteger untold = new AtomicInteger();

    // Guarded by the engine's lock.
    private boolean received;
    private boolean sent;
    private boolean stalled;
    private long stalledAt;

    Reports(EngineCore engine, ConnectionObserver observer) {
        this.engine = engine;
        this.observer = observer;
    }

    void tell(Consumer<ConnectionObserver> event) {
        due.add(event);
        if (untold.getAndIncrement() == 0) {
            engine.afterwards(this::run);
        }
    }

    private void run() {
        int told = 0;
        int left = 1;
        while (left > 0) {
            Consumer<ConnectionObserver> event = due.poll();
            if (event == null) {
                left = untold.addAndGet(-told);
                told = 0;
            } else {
                Observers.tell(observer, event);
                told++;
            }
        }
    }

    void onReceived() {
        if (!received) {
            received = true;
            tell(o -> o.onFirstByteReceived(engine));
        }
    }

    void onSent(boolean bytes) {
        if (!sent && bytes) {
            sent = true;
            tell(o -> o.onFirstByteSent(engine));
        }
        if (stalled) {
            stalled = false;
            Duration time = Duration.ofNanos(System.nanoTime() - stalledAt);
            tell(o -> o.onWriteResumed(engine, time));
        }
    }

    /** Returns whether this is news. */
    boolean onWriteWaits() {
        if (stalled) {
            return false;
        }
        stalled = true;
        stalledAt = System.nanoTime();
        tell(o -> {
            Outlet outlet = engine.transport.outlet();
            o.onWriteStalled(engine, outlet == null ? StallCause.UNKNOWN : outlet.cause());
        });
        return true;
    }

    void onInputFull(int unread) {
        tell(o -> o.onReadStalled(engine, unread));
    }

    void onInputMoves(long nanos) {
        tell(o -> o.onReadResumed(engine, Duration.ofNanos(nanos)));
    }

    void onDraining() {
        tell(o -> o.onDraining(engine));
    }

    void onClosed(CloseReason reason) {
        tell(o -> o.onClosed(engine, reason));
    }
}
