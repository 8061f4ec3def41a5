package io.h2conn.jetty;

import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * Looks after the sockets that threads have led lately, so that none of them is left alone for long, and none keeps a selector
 * that it does not use. One for all, on the shared timer; without such sockets it does nothing.
 */
final class Caretaker {
    static final Caretaker SHARED = new Caretaker();

    private final Round soon = new Round(TimeUnit.MILLISECONDS.toNanos(1), this::look);
    private final Round later = new Round(TimeUnit.SECONDS.toNanos(1), SocketLead::lookLater);

    /** Looks after a socket that was just led. */
    void watch(SocketLead lead) {
        soon.add(lead);
    }

    private boolean look(SocketLead lead) {
        boolean goesOn = lead.look();
        if (!goesOn && lead.keep()) {
            later.add(lead);
        }
        return goesOn;
    }

    /** Looks at some sockets again and again, until there are none. */
    private static final class Round {
        private final long everyNanos;
        private final Predicate<SocketLead> look;
        private final ConcurrentLinkedQueue<SocketLead> all = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean scheduled = new AtomicBoolean();

        Round(long everyNanos, Predicate<SocketLead> look) {
            this.everyNanos = everyNanos;
            this.look = look;
        }

        void add(SocketLead lead) {
            all.add(lead);
            schedule();
        }

        private void schedule() {
            if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
                Timer unused = Threads.schedule(this::run, everyNanos);
            }
        }

        private void run() {
            try {
                all.removeIf(look.negate());
            } finally {
                scheduled.set(false);
                if (!all.isEmpty()) {
                    schedule(); // also what was added by somebody who saw that this was under way
                }
            }
        }
    }
}
