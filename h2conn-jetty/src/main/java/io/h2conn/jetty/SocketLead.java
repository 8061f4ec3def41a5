package io.h2conn.jetty;

import io.h2conn.internal.Lead;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who waits for the input of one socket: Jetty's selector, as ever, or the one thread that waits for what it brings.
 *
 * <p>A small machine with one atomic word. Jetty says that it wants to be told of input ({@link #onWanted}) whenever it has read
 * all there is; who is in charge then sees to it:
 *
 * <ul>
 *   <li>{@link #SELECTOR}: the selector is told to watch. Where it begins, and where it ends whenever in doubt.
 *   <li>{@link #LED}: a thread waits on a selector of this socket's own, and then does what Jetty's selector would have done.
 *   <li>{@link #NOBODY}: that thread has got what it wanted, and is expected back soon. If it is not, {@link Caretaker} gives
 *       the socket back to the selector, after one to two milliseconds; whoever waits for input, or what it may bring, does so
 *       at once.
 * </ul>
 *
 * <p>That two of them wait at the same time is harmless: what Jetty has registered is taken once, by whoever comes first. That
 * none does while Jetty wants input cannot last: it is the state {@code NOBODY | WANTED}, which is left by its caretaker.
 */
final class SocketLead implements Lead {
    private static final Logger LOG = LoggerFactory.getLogger(SocketLead.class);

    /** Jetty wants to be told of input, and its selector does not know. Never with {@link #SELECTOR}. */
    private static final int WANTED = 1;

    private static final int SELECTOR = 0;
    private static final int LED = 2;
    private static final int NOBODY = 4;

    /** Sockets that have a selector of their own, which is two file descriptors, at most; the others have Jetty's. */
    private static final int MAX_SELECTORS = 256;

    /** Milliseconds. A thread that has waited so long for nothing leaves the wait to the selector. */
    private static final long LONGEST_WAIT_MILLIS = 50;

    /** Bytes. After so many a thread that leads looks at what it has got, although there may be more. */
    private static final int ENOUGH = 64 * 1024;

    /** So often a reader that had company must find itself alone before it leads. */
    private static final int ENOUGH_ALONE = 32;

    private static final AtomicInteger SELECTORS = new AtomicInteger();

    /** Threads that poll at the same time, at most; more would keep each other from the processors. The others sleep at once. */
    private static final int MOST_POLLERS = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);

    private static final AtomicInteger POLLERS = new AtomicInteger();

    private final SparingEndPoint endPoint;
    private final long pollNanos;
    private final AtomicInteger state = new AtomicInteger(SELECTOR);
    private final AtomicInteger wakes = new AtomicInteger();
    /** Who waits for input of this socket without leading. */
    private final AtomicInteger parked = new AtomicInteger();

    /**
     * How often a reader found itself alone since it last had company. With company the selector serves better, one thread reads
     * for all, and to go from one to the other costs more than either. Races between readers do no harm.
     */
    private volatile int alone = ENOUGH_ALONE;

    private volatile @Nullable Selector own;
    private volatile boolean closed;

    /** How often it was led. Written by who leads. */
    private volatile int turns;
    /** Bytes read in this turn. Only who reads touches it. */
    private int taken;

    /** One turn of who leads. */
    private final Runnable turn;
    /** Whether the turn had anything to do. Only who leads touches it. */
    private boolean found;

    /** Whether the caretaker looks after it. */
    private volatile boolean watched;

    // The caretaker's.
    private int turnsSeen;
    private int turnsSeenLater;
    private boolean kept;

    SocketLead(SparingEndPoint endPoint, Duration busyPoll) {
        this.endPoint = endPoint;
        this.pollNanos = busyPoll.toNanos();
        this.turn = () -> found = endPoint.getFillInterest().fillable();
    }

    // ---------------------------------------------------------------- Jetty's side

    /** Jetty wants to be told of input. Returns whether its selector is to see to it. */
    boolean onWanted() {
        taken = 0;
        while (true) {
            int now = state.get();
            if (now == SELECTOR) {
                return true;
            }
            if (state.compareAndSet(now, now | WANTED)) {
                return false;
            }
        }
    }

    /** Whether who leads has read enough for now. */
    boolean isSated() {
        return taken >= ENOUGH;
    }

    /** So many bytes were read. */
    void onFilled(int bytes) {
        if ((state.get() & LED) != 0) {
            taken += bytes;
        }
    }

    /** The socket is closed. */
    void close() {
        closed = true;
        closeOwn(); // which wakes who waits with it, and lets go of the file descriptor
    }

    // ---------------------------------------------------------------- leading

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // an estimate is enough
    public boolean mayLead() {
        if (parked.get() > 0 || (state.get() & LED) != 0) {
            alone = 0;
            return false;
        }
        if (alone < ENOUGH_ALONE) {
            alone++;
            return false;
        }
        return isFree();
    }

    private boolean isFree() {
        int now = state.get();
        return (now == SELECTOR || now == (NOBODY | WANTED)) && parked.get() == 0 && !closed;
    }

    @Override
    public int ticket() {
        return wakes.get();
    }

    @Override
    public boolean lead(int ticket, long nanos) {
        Selector selector = begin();
        if (selector == null) {
            return false;
        }
        try {
            return waitAndRead(selector, ticket, nanos);
        } finally {
            end();
        }
    }

    @Override
    public void park() {
        parked.incrementAndGet();
    }

    @Override
    public void unpark() {
        parked.decrementAndGet();
    }

    @Override
    public boolean isAlone() {
        return (state.get() & NOBODY) != 0; // who left it so may have done it before it could see who parks
    }

    @Override
    public void attend() {
        giveBack();
    }

    @Override
    public void wake() {
        wakes.incrementAndGet();
        Selector selector = own;
        if (selector != null && (state.get() & LED) != 0) {
            selector.wakeup();
        }
    }

    @Override
    public void note() {
        wakes.incrementAndGet();
    }

    /** Takes the lead, if this thread may have it. */
    private @Nullable Selector begin() {
        while (isFree()) {
            int now = state.get();
            Selector selector = own();
            if (selector == null) {
                return null;
            }
            if ((now & LED) == 0 && state.compareAndSet(now, LED | (now & WANTED))) {
                return selector;
            }
        }
        return null;
    }

    /** Returns whether the thread may go on like that. */
    private boolean waitAndRead(Selector selector, int ticket, long nanos) {
        if (wakes.get() != ticket) {
            return true;
        }
        long millis = Math.min(LONGEST_WAIT_MILLIS, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
        long start = System.nanoTime();
        try {
            if (poll(selector, ticket) == 0 && selector.select(millis) == 0) {
                boolean waitedLong = System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(LONGEST_WAIT_MILLIS);
                return closed || !waitedLong;
            }
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException e) {
            return true; // the socket is closed, which the engine is told of, or was idle when this thread came
        } catch (IOException e) {
            LOG.warn("waiting for input of {} failed; Jetty's selector goes on", endPoint, e);
            return false;
        }
        return read();
    }

    /** Asks for input again and again for a while, if that is wanted. */
    private int poll(Selector selector, int ticket) throws IOException {
        if (pollNanos == 0) {
            return 0;
        }
        try {
            if (POLLERS.incrementAndGet() > MOST_POLLERS) {
                return 0;
            }
            long start = System.nanoTime();
            do {
                int ready = selector.selectNow();
                if (ready > 0) {
                    return ready;
                }
                Thread.onSpinWait();
            } while (wakes.get() == ticket && System.nanoTime() - start < pollNanos);
            return 0;
        } finally {
            POLLERS.decrementAndGet();
        }
    }

    /** Does what the selector would do. Returns whether there was anything to do. */
    private boolean read() {
        int now = state.get();
        while (!state.compareAndSet(now, now & ~WANTED)) {
            now = state.get();
        }
        found = false;
        try {
            // Or Jetty might have this thread run whatever it finds, another request's handler, and put another one in
            // its place.
            Invocable.invokeNonBlocking(turn);
            return found;
        } catch (Throwable t) {
            // As Jetty's threads do: it is not this reader's, and what follows from it is told to whom it concerns.
            LOG.error("handling input of {} failed", endPoint, t);
            return false;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread at a time
    private void end() {
        turns++;
        int now = state.get();
        while (!state.compareAndSet(now, NOBODY | (now & WANTED))) {
            now = state.get();
        }
        if (parked.get() > 0 || closed) {
            giveBack();
        } else if (!watched) {
            watched = true;
            Caretaker.SHARED.watch(this);
        }
    }

    /** Leaves the wait to the selector, if nobody has it. */
    void giveBack() {
        while (true) {
            int now = state.get();
            if ((now & NOBODY) == 0) {
                return;
            }
            if (state.compareAndSet(now, SELECTOR)) {
                if ((now & WANTED) != 0) {
                    endPoint.watchedBySelector();
                }
                return;
            }
        }
    }

    // ---------------------------------------------------------------- looking after it

    /** Called by the caretaker every millisecond while it is watched. Returns whether that is to go on. */
    boolean look() {
        int seen = turns;
        if (seen != turnsSeen) {
            turnsSeen = seen;
            return true;
        }
        watched = false; // who leads from here on has it watched again
        giveBack();
        return false;
    }

    /** Called by the caretaker when it looks no more. Returns whether it is to call {@link #lookLater}. */
    boolean keep() {
        boolean first = !kept;
        kept = true;
        return first;
    }

    /** Called by the caretaker every second. Returns whether that is to go on. */
    boolean lookLater() {
        int seen = turns;
        if (seen != turnsSeenLater && !closed) {
            turnsSeenLater = seen;
            return true;
        }
        kept = false;
        closeOwn();
        return false;
    }

    /** Who waits for input, for people. */
    @Override
    public String toString() {
        int now = state.get();
        String who = now == SELECTOR ? "Jetty's selector" : (now & LED) != 0 ? "a reader" : "nobody for the moment";
        return who
                + ((now & WANTED) == 0 ? "" : ", wanted")
                + (parked.get() == 0 ? "" : ", waiting otherwise: " + parked);
    }

    // ---------------------------------------------------------------- the selector of its own

    private @Nullable Selector own() {
        Selector selector = own;
        return selector == null ? openOwn() : selector;
    }

    private synchronized @Nullable Selector openOwn() {
        Selector known = own;
        if (known != null || closed) {
            return known;
        }
        if (SELECTORS.incrementAndGet() > MAX_SELECTORS) {
            SELECTORS.decrementAndGet();
            return null;
        }
        Selector selector = null;
        try {
            selector = Selector.open();
            endPoint.getChannel().register(selector, SelectionKey.OP_READ);
            own = selector;
            if (closed) {
                closeOwn();
                return null;
            }
            return selector;
        } catch (IOException | RuntimeException e) {
            LOG.debug("no selector of its own for {}", endPoint, e);
            IO.close(selector);
            SELECTORS.decrementAndGet();
            return null;
        }
    }

    private synchronized void closeOwn() {
        Selector selector = own;
        if (selector != null) {
            own = null;
            IO.close(selector);
            SELECTORS.decrementAndGet();
        }
    }
}
