package io.h2conn.testkit;

import io.h2conn.ErrorCode;
import io.h2conn.internal.HeapChunk;
import io.h2conn.internal.Threads;
import io.h2conn.internal.Timer;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a pair, as long as a network makes it. What the sender gives is cut into fragments, which are on their way
 * until they are due, and then arrive in order. A piece is answered when all of it is on its way, as a socket answers, and no
 * more is on its way than the receiver's window allows, so memory is bounded.
 *
 * <p>Nobody waits here and there is no thread: whoever brings a piece or credit, or whose timer it is, does all there is to do
 * ({@link #work}), one thread at a time and one step at a time, and no step is made with the lock.
 *
 * <p>The clock of a direction stands still while it is frozen, so that afterwards what was on its way goes on as if nothing had
 * been.
 */
final class Way {
    /** For a byte or a limit that there is not. */
    static final long NONE = -1;

    /** A direction with a bandwidth delivers in pieces of the bytes of a second, divided by this. */
    private static final int PIECES_A_SECOND = 100;

    private enum Flow {
        /** What is due arrives. */
        FLOWING,
        /** Nothing arrives until it thaws. */
        FROZEN,
        /** Nothing arrives ever again. */
        SEVERED
    }

    /** Something on its way: so many bytes of data, or none; a reset is what still arrives where data no longer does. */
    private record Item(long due, int bytes, boolean reset, Runnable arrival) {}

    private final Terminal from;
    private final NetworkConditions conditions;
    private final Runnable breaking;
    private final Random cuts;
    private final Random delays;
    private final long origin = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();

    // Everything below is guarded by the lock.

    private Flow flow = Flow.FLOWING;
    private boolean working;
    private @Nullable Timer timer;
    private long timerDue;

    /** Nanoseconds that this direction has been frozen for, and when it was frozen last. */
    private long frozenNanos;

    private long frozenSince;

    /** What the sender has given and is not all on its way. */
    private @Nullable ByteBuffer piece;

    private boolean pieceEnds;
    private @Nullable HttpHeaders trailers;
    /** Whether the sender is told that nothing can be sent any more. */
    private boolean refusing;

    private int window;
    private long taken;
    /** The position at which the next fragment begins. */
    private long cut;

    private final ArrayDeque<Item> flight = new ArrayDeque<>();
    /** When the last byte that was taken is out, and when the last item is due. */
    private long lineFree;

    private long lastDue;

    /** Credit for the other direction, which travels this way; apart, since no data holds it up. */
    private final ArrayDeque<Item> credits = new ArrayDeque<>();

    private long lastCreditDue;

    private long delivered;
    private long consumed;
    private long freezeAt;
    private long breakAt;

    /**
     * Makes one.
     *
     * @param from who sends
     * @param window bytes that may be on their way or unread
     * @param seed decides where to cut, and how long each fragment takes
     * @param breaking called once, without the lock, when the bytes before the breakage have been read
     */
    Way(Terminal from, NetworkConditions conditions, int window, long seed, Runnable breaking) {
        this.from = from;
        this.conditions = conditions;
        this.window = window;
        this.breaking = breaking;
        cuts = new Random(seed);
        delays = new Random(~seed);
        freezeAt = conditions.freezeAt();
        Breakage breakage = conditions.breakage();
        breakAt = breakage == null ? NONE : breakage.at();
        cut = fragment();
    }

    // ---------------------------------------------------------------- what happens to it

    /** Takes a piece from the sender. */
    void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        boolean refused;
        lock.lock();
        try {
            refused = refusing;
            if (!refused) {
                piece = data;
                pieceEnds = end;
                this.trailers = trailers;
            }
        } finally {
            lock.unlock();
        }
        if (refused) {
            fail();
        } else {
            work();
        }
    }

    /** Takes a reset from the sender. */
    void sendReset(ErrorCode code) {
        lock.lock();
        try {
            flight.add(new Item(due(0), 0, true, () -> arrive(code)));
        } finally {
            lock.unlock();
        }
        refuse();
        work();
    }

    /** Answers the piece that waits, and whatever may follow: it is not sent. */
    void refuse() {
        boolean waiting;
        lock.lock();
        try {
            refusing = true;
            waiting = piece != null;
            piece = null;
        } finally {
            lock.unlock();
        }
        if (waiting) {
            fail();
        }
    }

    private void fail() {
        from.engine().onSendFailed(new IOException("the stream was reset"));
    }

    /** The receiver has read so many bytes of this direction. */
    void onConsumed(int bytes) {
        lock.lock();
        try {
            consumed += bytes;
        } finally {
            lock.unlock();
        }
        back().sendCredit(bytes);
        work();
    }

    private void sendCredit(int bytes) {
        lock.lock();
        try {
            if (flow == Flow.SEVERED) {
                return;
            }
            lastCreditDue = Math.max(lastCreditDue, clock() + delay());
            credits.add(new Item(lastCreditDue, 0, false, () -> back().credit(bytes)));
        } finally {
            lock.unlock();
        }
        work();
    }

    private void credit(int bytes) {
        lock.lock();
        try {
            window += bytes;
        } finally {
            lock.unlock();
        }
        work();
    }

    void freeze() {
        lock.lock();
        try {
            stopClock();
        } finally {
            lock.unlock();
        }
    }

    void thaw() {
        lock.lock();
        try {
            if (flow == Flow.FROZEN) {
                flow = Flow.FLOWING;
                frozenNanos += System.nanoTime() - origin - frozenNanos - frozenSince;
            }
        } finally {
            lock.unlock();
        }
        work();
    }

    /** Lets nothing arrive any more. */
    void sever() {
        lock.lock();
        try {
            flow = Flow.SEVERED;
            flight.clear();
            credits.clear();
            stopTimer();
        } finally {
            lock.unlock();
        }
    }

    private void onTimer() {
        lock.lock();
        try {
            timer = null;
        } finally {
            lock.unlock();
        }
        work();
    }

    // ---------------------------------------------------------------- what it does

    /** Does all there is to do now, unless another thread is at it, which then sees to it. */
    void work() {
        while (true) {
            Runnable step;
            lock.lock();
            try {
                if (working) {
                    return;
                }
                step = next();
                if (step == null) {
                    startTimer();
                    return;
                }
                working = true;
            } finally {
                lock.unlock();
            }
            try {
                step.run();
            } finally {
                stepDone();
            }
        }
    }

    private void stepDone() {
        lock.lock();
        try {
            working = false;
        } finally {
            lock.unlock();
        }
    }

    /** The step after part of a piece was taken: what is on its way may arrive before the next part is. */
    private static void lookAgain() {}

    /** The next step. With the lock. */
    private @Nullable Runnable next() {
        if (delivered == freezeAt) {
            freezeAt = NONE;
            stopClock();
        }
        if (flow == Flow.FLOWING) {
            Runnable arrival = nextArrival(clock());
            if (arrival != null) {
                return arrival;
            }
        }
        return take();
    }

    private @Nullable Runnable nextArrival(long now) {
        Item credit = credits.peek();
        if (credit != null && credit.due <= now) {
            credits.remove();
            return credit.arrival;
        }
        if (delivered == breakAt) {
            flight.removeIf(item -> !item.reset);
            if (consumed == delivered) {
                breakAt = NONE;
                return breaking;
            }
        }
        Item item = flight.peek();
        if (item == null || item.due > now) {
            return null;
        }
        flight.remove();
        delivered += item.bytes;
        return item.arrival;
    }

    /** Sets a fragment on its way, as far as the window allows. */
    private @Nullable Runnable take() {
        ByteBuffer waiting = piece;
        if (waiting == null) {
            return null;
        }
        if (waiting.hasRemaining()) {
            int bytes = (int) Math.min(Math.min(waiting.remaining(), window), nextCut() - taken);
            if (bytes == 0) {
                return null;
            }
            ByteBuffer fragment = ByteBuffer.allocate(bytes);
            fragment.put(0, waiting, waiting.position(), bytes);
            waiting.position(waiting.position() + bytes);
            window -= bytes;
            taken += bytes;
            if (taken == cut) {
                cut += fragment();
            }
            flight.add(new Item(due(bytes), bytes, false, () -> arrive(fragment)));
        }
        if (waiting.hasRemaining()) {
            return Way::lookAgain;
        }
        piece = null;
        if (pieceEnds) {
            HttpHeaders last = trailers;
            flight.add(new Item(due(0), 0, false, () -> arriveEnd(last)));
        }
        return () -> from.engine().onSent();
    }

    private void arrive(ByteBuffer fragment) {
        boolean unused = from.peer().engine().onData(new HeapChunk(fragment), false);
    }

    private void arriveEnd(@Nullable HttpHeaders last) {
        from.peer().onTrailers(last);
        from.peer().engine().onEnd();
    }

    private void arrive(ErrorCode code) {
        from.peer().engine().onPeerReset(code);
        back().refuse();
    }

    private Way back() {
        return from.peer().out();
    }

    // ---------------------------------------------------------------- where to cut

    private long nextCut() {
        long next = cut;
        if (freezeAt > taken) {
            next = Math.min(next, freezeAt);
        }
        return breakAt > taken ? Math.min(next, breakAt) : next;
    }

    /** How long the next fragment is. */
    private long fragment() {
        long even = conditions.bytesPerSecond() == NONE
                ? Integer.MAX_VALUE
                : Math.max(1, conditions.bytesPerSecond() / PIECES_A_SECOND);
        return conditions.fragmentBytes() == NONE
                ? even
                : Math.min(even, 1 + cuts.nextInt((int) conditions.fragmentBytes()));
    }

    // ---------------------------------------------------------------- when

    /** When what is taken now arrives. */
    private long due(int bytes) {
        lineFree = Math.max(lineFree, clock()) + transmission(bytes);
        lastDue = Math.max(lastDue, lineFree + delay());
        return lastDue;
    }

    private long transmission(int bytes) {
        long rate = conditions.bytesPerSecond();
        return rate == NONE ? 0 : (bytes * TimeUnit.SECONDS.toNanos(1) + rate - 1) / rate;
    }

    private long delay() {
        long jitter = conditions.jitterNanos();
        return conditions.latencyNanos() + (jitter == 0 ? 0 : delays.nextLong(jitter + 1));
    }

    /** Nanoseconds that this direction has not been frozen for. */
    private long clock() {
        return flow == Flow.FROZEN ? frozenSince : System.nanoTime() - origin - frozenNanos;
    }

    private void stopClock() {
        if (flow == Flow.FLOWING) {
            frozenSince = clock();
            flow = Flow.FROZEN;
            stopTimer();
        }
    }

    private void startTimer() {
        if (flow != Flow.FLOWING || (flight.isEmpty() && credits.isEmpty())) {
            return;
        }
        long due = Math.min(due(flight.peek()), due(credits.peek()));
        if (timer == null || due < timerDue) {
            stopTimer();
            timer = Threads.schedule(this::onTimer, due - clock());
            timerDue = due;
        }
    }

    private static long due(@Nullable Item item) {
        return item == null ? Long.MAX_VALUE : item.due;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
