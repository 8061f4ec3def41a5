package io.h2conn.codec;

import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends bytes that mean nothing when nothing else was sent for a while. Looks once an interval whether something was, so that
 * sending itself costs nothing more than a count.
 */
final class KeepAlive {
    private final Sending sending;
    private final byte[] bytes;
    private final long intervalNanos;

    // Guarded by this.
    private @Nullable Timer timer;
    private int sends;
    private boolean underWay;
    private boolean stopped;

    KeepAlive(Sending sending, byte[] bytes, long intervalNanos) {
        this.sending = sending;
        this.bytes = bytes;
        this.intervalNanos = intervalNanos;
    }

    synchronized void start() {
        sends = sending.count();
        lookLater();
    }

    synchronized void stop() {
        stopped = true;
        Timer pending = timer;
        if (pending != null) {
            pending.cancel();
        }
    }

    private void lookLater() {
        if (!stopped) {
            timer = Threads.schedule(this::look, intervalNanos);
        }
    }

    private void look() {
        boolean due;
        synchronized (this) {
            int now = sending.count();
            // One that waits for the peer's window is enough: it is not the network that is quiet.
            due = !stopped && !underWay && now == sends;
            sends = now;
            underWay |= due;
        }
        if (due) {
            sending.writeAndTell(ByteBuffer.wrap(bytes), this::onSent);
        }
        synchronized (this) {
            lookLater();
        }
    }

    private synchronized void onSent(@Nullable Throwable failure) {
        underWay = false;
        sends = sending.count();
        if (failure != null) {
            stop(); // the output has ended or failed, which its user learns by himself
        }
    }
}
