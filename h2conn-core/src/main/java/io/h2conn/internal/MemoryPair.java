package io.h2conn.internal;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.StallCause;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Two connections that are each other's peer, without a network. */
public final class MemoryPair {
    private static final AtomicLong COUNT = new AtomicLong();

    private MemoryPair() {}

    /**
     * Makes the two ends.
     *
     * @param windowBytes what each side may send before the other reads
     * @param options the options of both sides
     * @return the ends, started
     * @throws IllegalArgumentException if {@code windowBytes} is less than 1
     */
    public static DuplexConnection.Pair connect(int windowBytes, ConnectionOptions options) {
        if (windowBytes < 1) {
            throw new IllegalArgumentException("windowBytes must be at least 1 but was " + windowBytes);
        }
        long number = COUNT.incrementAndGet();
        Side client = new Side(windowBytes, options, Engine.Role.CLIENT, "memory-client", number);
        Side server = new Side(windowBytes, options, Engine.Role.SERVER, "memory-server", number);
        client.peer = server;
        server.peer = client;
        client.engine.start(windowBytes, windowBytes);
        server.engine.start(windowBytes, windowBytes);
        return new DuplexConnection.Pair(client.engine, server.engine);
    }

    /**
     * One side's way to the other. A piece waits here for the peer's credit; whoever brings the piece or the credit moves
     * bytes, one thread at a time. Its lock is never held while an engine is called.
     */
    private static final class Side implements Transport {
        private final Engine engine;
        private final MemoryInfo info = new MemoryInfo();
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable Side peer;
        private @Nullable ByteBuffer piece;
        private boolean end;
        private @Nullable HttpHeaders endTrailers;
        private int window;
        /** A reading of the clock, while the window is empty. */
        private long emptySince;

        private boolean moving;
        private boolean broken;

        Side(int window, ConnectionOptions options, Engine.Role role, String kind, long number) {
            this.window = window;
            this.engine = new Engine(this, options, role, kind, number);
        }

        private Side peer() {
            if (peer == null) {
                throw new AssertionError("used before it was connected");
            }
            return peer;
        }

        @Override
        public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
            boolean refused;
            lock.lock();
            try {
                refused = broken;
                if (!refused) {
                    piece = data;
                    this.end = end;
                    endTrailers = trailers;
                }
            } finally {
                lock.unlock();
            }
            if (refused) {
                engine.onSendFailed(new IOException("the stream was reset"));
            } else {
                move();
            }
        }

        @Override
        public void consumed(int bytes) {
            peer().credit(bytes);
        }

        private void credit(int bytes) {
            lock.lock();
            try {
                window += bytes;
            } finally {
                lock.unlock();
            }
            move();
        }

        private void move() {
            while (true) {
                ByteBuffer bytes;
                boolean done;
                boolean last;
                HttpHeaders trailers;
                lock.lock();
                try {
                    ByteBuffer waiting = piece;
                    if (moving || waiting == null || (window == 0 && waiting.hasRemaining())) {
                        return;
                    }
                    moving = true;
                    bytes = take(waiting, Math.min(window, waiting.remaining()));
                    done = !waiting.hasRemaining();
                    last = done && end;
                    trailers = endTrailers;
                    if (done) {
                        piece = null;
                    }
                } finally {
                    lock.unlock();
                }
                deliver(bytes, last, trailers);
                lock.lock();
                try {
                    moving = false;
                } finally {
                    lock.unlock();
                }
                if (done) {
                    engine.onSent();
                }
            }
        }

        private ByteBuffer take(ByteBuffer from, int bytes) {
            ByteBuffer copy = ByteBuffer.allocate(bytes);
            copy.put(0, from, from.position(), bytes);
            from.position(from.position() + bytes);
            window -= bytes;
            if (window == 0) {
                emptySince = System.nanoTime();
            }
            return copy;
        }

        private void deliver(ByteBuffer bytes, boolean last, @Nullable HttpHeaders trailers) {
            Side to = peer();
            if (bytes.hasRemaining()) {
                to.engine.onData(new HeapChunk(bytes), false);
            }
            if (last) {
                to.info.onTrailers(trailers);
                to.engine.onEnd();
            }
        }

        @Override
        public void reset(ErrorCode code) {
            Side other = peer();
            sever();
            other.engine.onPeerReset(code);
            other.sever();
        }

        /** Nothing moves any more: what waits for credit is answered. */
        private void sever() {
            boolean waiting;
            lock.lock();
            try {
                broken = true;
                waiting = piece != null;
                piece = null;
            } finally {
                lock.unlock();
            }
            if (waiting) {
                engine.onSendFailed(new IOException("the stream was reset"));
            }
        }

        @Override
        public Outlet outlet() {
            lock.lock();
            try {
                return window > 0
                        ? new Outlet(window, null, StallCause.UNKNOWN, null)
                        : new Outlet(0, null, StallCause.STREAM_WINDOW, emptySince);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void ended() {
            // Nothing is held for a connection in memory.
        }

        @Override
        public ConnectionInfo info() {
            return info;
        }
    }
}
