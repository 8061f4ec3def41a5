package io.h2conn.internal;

import static io.h2conn.internal.ModelReference.require;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * What the tests of interleavings have in common: threads that a model checker directs, and a wire between them.
 *
 * <p>Lincheck 3.7 runs one thread at a time and decides at each access to shared memory who is next. It knows what a thread does to
 * another only where the code says {@link Thread}: {@code join} or {@code interrupt} by the name of a subclass is the real one, and
 * blocks all of them. Its clock stands still, and whatever would start a thread of the library's own, as a timer does, stays out.
 */
final class Interleaving {
    /** Schedules for each test at the most; {@code -Dh2conn.schedules} asks for more. */
    private static final int SCHEDULES = Integer.getInteger("h2conn.schedules", 30);

    private Interleaving() {}

    /** Something that a thread does, and that may fail. */
    interface Work {
        void run() throws Exception;
    }

    /**
     * Runs threads in many orders, those with the fewest changes from one to another first. What they share is made anew for each
     * order by {@code test}. All of them waiting is a failure, too.
     */
    static void explore(Work test) {
        Lincheck.runConcurrentTest(SCHEDULES, () -> {
            try {
                test.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Runs them all at the same time, and reports what one of them threw. */
    static void together(Work... works) throws Exception {
        List<Strand> strands = new ArrayList<>();
        for (Work work : works) {
            strands.add(new Strand(work));
        }
        for (Thread strand : strands) {
            strand.start();
        }
        for (Thread strand : strands) {
            strand.join();
        }
        for (Strand strand : strands) {
            strand.requireNoFailure();
        }
    }

    /**
     * A thread with a field of its own for what it does: Lincheck 3.7 follows what is reachable from there, but on JDK 25 not
     * what the constructor of {@link Thread} is given, and then finds nothing.
     */
    static final class Strand extends Thread {
        private final Work work;
        private volatile @Nullable Throwable failure;

        Strand(Work work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                work.run();
            } catch (Exception | AssertionError e) { // and not the error with which the model checker ends a thread
                failure = e;
            }
        }

        void requireNoFailure() {
            if (failure != null) {
                throw new AssertionError("a thread failed", failure);
            }
        }
    }

    /** An engine without what has threads of its own: callbacks run where they are caused, and nothing is gathered. */
    static Engine engine(Transport wire, int bufferBytes) {
        ConnectionOptions options = ConnectionOptions.defaults()
                .sendBufferBytes(bufferBytes)
                .gatherWrites(false)
                .nonBlockingCallbacks(true);
        return new Engine(wire, options, Engine.Role.CLIENT, "interleaved", 1);
    }

    /** One that has started. */
    static Engine started(Transport wire, int bufferBytes) {
        Engine engine = engine(wire, bufferBytes);
        engine.start(1000, 1000);
        return engine;
    }

    static ByteBuffer bytes(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes.put((byte) text.charAt(i));
        }
        return bytes.flip();
    }

    /** One byte from the peer. */
    static final class OneByte implements Chunk {
        private final ByteBuffer data;
        private int released;

        OneByte(char value) {
            data = bytes(String.valueOf(value));
        }

        @Override
        public ByteBuffer data() {
            return data;
        }

        @Override
        public void release() {
            released++;
        }

        void requireReleased() {
            require(released == 1, "released " + released + " times");
        }
    }

    /** Keeps what was sent, and lets another thread answer it. */
    static final class Wire implements Transport {
        /** Bytes of a piece that are looked at. */
        private static final int MOST = 4;

        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final StringBuilder sent = new StringBuilder();
        private final int answeredElsewhere;
        private int pieces;
        private int answered;
        private int resets;
        private boolean over;

        private @Nullable Engine engine;

        /** Leaves all answers to another thread. */
        Wire() {
            this(Integer.MAX_VALUE);
        }

        /** Leaves the first answers to another thread, and gives those that follow at once. */
        Wire(int answeredElsewhere) {
            this.answeredElsewhere = answeredElsewhere;
        }

        void connect(Engine engine) {
            this.engine = engine;
        }

        @Override
        public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
            if (note(data, end) && engine != null) {
                engine.onSent();
            }
        }

        /** Returns whether it is answered at once. */
        private boolean note(ByteBuffer data, boolean end) {
            lock.lock();
            try {
                for (int i = data.position(); i < Math.min(data.limit(), data.position() + MOST); i++) {
                    sent.append((char) data.get(i));
                }
                sent.append(end ? "." : "");
                pieces++;
                boolean atOnce = pieces > answeredElsewhere;
                answered += atOnce ? 1 : 0;
                changed.signalAll();
                return atOnce;
            } finally {
                lock.unlock();
            }
        }

        /** Answers pieces until so much was sent and answered, or the connection is over. */
        void answerUntil(Engine engine, int length) throws InterruptedException {
            while (awaitPiece(length)) {
                engine.onSent();
            }
        }

        private boolean awaitPiece(int length) throws InterruptedException {
            lock.lock();
            try {
                while (answered == pieces && !over && sent.length() < length) {
                    changed.await();
                }
                boolean waits = answered < pieces;
                answered += waits ? 1 : 0;
                return waits;
            } finally {
                lock.unlock();
            }
        }

        /** Waits until something was sent. */
        void awaitFirst() throws InterruptedException {
            lock.lock();
            try {
                while (pieces == 0) {
                    changed.await();
                }
            } finally {
                lock.unlock();
            }
        }

        String sent() {
            lock.lock();
            try {
                return sent.toString();
            } finally {
                lock.unlock();
            }
        }

        int resets() {
            return resets;
        }

        @Override
        public void consumed(int bytes) {
            // Nobody waits for credit here.
        }

        @Override
        public void reset(ErrorCode code) {
            resets++;
        }

        @Override
        public void ended() {
            lock.lock();
            try {
                over = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public ConnectionInfo info() {
            throw new AssertionError("not asked for here");
        }
    }
}
