package io.h2conn.internal;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Two engines whose transports have moods: a piece is carried over at once or by other threads, in fragments, with and without
 * pauses, and so is its answer. Counts what is given back, and can be told to commit a fault.
 */
@SuppressWarnings({"LockNotBeforeTry", "ByteBufferBackingArray"}) // nothing in between can throw; arrays of their own
final class LinkedPair {
    private final ModelPlant plant;
    private final ExecutorService wire;
    private final AtomicInteger lentOut = new AtomicInteger();
    private final AtomicInteger givenBackTwice = new AtomicInteger();
    final DuplexConnection client;
    final DuplexConnection server;

    LinkedPair(int window, int maxWindow, ConnectionOptions options, ModelPlant plant, ExecutorService wire) {
        this.plant = plant;
        this.wire = wire;
        Side one = new Side(window, options, Engine.Role.CLIENT);
        Side other = new Side(window, options, Engine.Role.SERVER);
        one.peer = other;
        other.peer = one;
        one.engine.start(window, maxWindow);
        other.engine.start(window, maxWindow);
        client = one.engine;
        server = other.engine;
    }

    /** Pieces of input that were not given back; negative if some were given back twice. */
    int notGivenBack() {
        return givenBackTwice.get() > 0 ? -givenBackTwice.get() : lentOut.get();
    }

    private static boolean chance(int oneIn) {
        return ThreadLocalRandom.current().nextInt(oneIn) == 0;
    }

    private boolean commits(ModelPlant fault) {
        return plant == fault && chance(20);
    }

    private void run(Runnable task) {
        if (chance(2)) {
            task.run();
        } else {
            wire.execute(task);
        }
    }

    private final class Side implements Transport {
        private final Engine engine;
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable Side peer;
        private @Nullable ByteBuffer piece;
        private boolean end;
        private int window;
        private boolean moving;
        private boolean broken;

        Side(int window, ConnectionOptions options, Engine.Role role) {
            this.window = window;
            this.engine = new Engine(this, options, role, "linked", role == Engine.Role.CLIENT ? 0 : 1);
        }

        private Side peer() {
            return Objects.requireNonNull(peer);
        }

        @Override
        public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
            lock.lock();
            boolean refused = broken;
            if (!refused) {
                piece = data;
                this.end = end;
            }
            lock.unlock();
            run(refused ? () -> engine.onSendFailed(new IOException("the stream was reset")) : this::move);
        }

        @Override
        public void consumed(int bytes) {
            peer().credit(commits(ModelPlant.LOSE_CREDIT) ? bytes / 2 : bytes);
        }

        private void credit(int bytes) {
            lock.lock();
            window += bytes;
            lock.unlock();
            run(this::move);
        }

        private void move() {
            while (true) {
                lock.lock();
                ByteBuffer waiting = piece;
                if (moving || waiting == null || (window == 0 && waiting.hasRemaining())) {
                    lock.unlock();
                    return;
                }
                moving = true;
                int most = Math.min(window, waiting.remaining());
                int bytes =
                        most > 1 && chance(3) ? 1 + ThreadLocalRandom.current().nextInt(most) : most;
                byte[] copy = new byte[bytes];
                waiting.get(copy);
                window -= bytes;
                boolean done = !waiting.hasRemaining();
                boolean last = done && end;
                if (done) {
                    piece = null;
                }
                lock.unlock();
                peer().arrive(copy, last);
                lock.lock();
                moving = false;
                lock.unlock();
                if (done && !commits(ModelPlant.FORGET_AN_ANSWER)) {
                    run(engine::onSent);
                }
            }
        }

        private void arrive(byte[] bytes, boolean last) {
            if (bytes.length > 0) {
                boolean more = chance(2);
                if (engine.onData(new Piece(spoilt(bytes)), more)) {
                    run(() -> {
                        if (!commits(ModelPlant.FORGET_A_PAUSE)) {
                            engine.onPause();
                        }
                    });
                }
            }
            if (last && !commits(ModelPlant.FORGET_THE_END)) {
                engine.onEnd();
            }
        }

        private byte[] spoilt(byte[] bytes) {
            if (bytes.length > 1) {
                if (commits(ModelPlant.LOSE_A_BYTE_READ)) {
                    return Arrays.copyOf(bytes, bytes.length - 1);
                } else if (commits(ModelPlant.DOUBLE_A_BYTE_READ)) {
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
                    longer[bytes.length] = bytes[bytes.length - 1];
                    return longer;
                } else if (commits(ModelPlant.SWAP_BYTES_READ)) {
                    byte first = bytes[0];
                    bytes[0] = bytes[1];
                    bytes[1] = first;
                }
            }
            return bytes;
        }

        @Override
        public void reset(ErrorCode code) {
            Side other = peer();
            sever();
            other.engine.onPeerReset(code);
            other.sever();
        }

        private void sever() {
            lock.lock();
            broken = true;
            boolean waiting = piece != null;
            piece = null;
            lock.unlock();
            if (waiting) {
                run(() -> engine.onSendFailed(new IOException("the stream was reset")));
            }
        }

        @Override
        public void ended() {
            // Nothing is held.
        }

        @Override
        public ConnectionInfo info() {
            throw new AssertionError("not asked for here");
        }
    }

    /** Input whose memory is somebody else's once it was given back. */
    private final class Piece implements Chunk {
        private final ByteBuffer data;
        private final AtomicInteger released = new AtomicInteger();

        Piece(byte[] bytes) {
            data = ByteBuffer.wrap(bytes);
            lentOut.incrementAndGet();
        }

        @Override
        public ByteBuffer data() {
            return data;
        }

        @Override
        public void release() {
            if (commits(ModelPlant.RELEASE_NEVER)) {
                return;
            }
            if (released.incrementAndGet() > 1
                    || (commits(ModelPlant.RELEASE_TWICE) && released.incrementAndGet() > 1)) {
                givenBackTwice.incrementAndGet();
            }
            Arrays.fill(data.array(), (byte) 0xEE);
            lentOut.decrementAndGet();
        }
    }
}
