package io.h2conn.testkit;

import io.h2conn.ConnectionInfo;
import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import io.h2conn.internal.Engine;
import io.h2conn.internal.MemoryInfo;
import io.h2conn.internal.Transport;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One side of a pair: its engine, and the {@link Way} to the other side. */
final class Terminal implements Transport {
    private final MemoryInfo info = new MemoryInfo();
    private final Engine engine;
    private final Way out;
    private @Nullable Terminal peer;

    Terminal(
            ConnectionOptions options,
            Engine.Role role,
            String kind,
            long number,
            NetworkConditions conditions,
            int window,
            long seed,
            Runnable breaking) {
        engine = new Engine(this, options, role, kind, number);
        out = new Way(this, conditions, window, seed, breaking);
    }

    /** Makes two each other's peer, and starts them. */
    static void join(Terminal one, Terminal other) {
        one.peer = other;
        other.peer = one;
        // A window of 0 says: all credit whenever all has been read. So each way knows exactly what has been read.
        one.engine.start(0, 0);
        other.engine.start(0, 0);
        one.out.work();
        other.out.work();
    }

    Engine engine() {
        return engine;
    }

    Way out() {
        return out;
    }

    Terminal peer() {
        if (peer == null) {
            throw new AssertionError("used before it was joined");
        }
        return peer;
    }

    void onTrailers(@Nullable HttpHeaders trailers) {
        info.onTrailers(trailers);
    }

    @Override
    public void send(ByteBuffer data, boolean end, @Nullable HttpHeaders trailers) {
        out.send(data, end, trailers);
    }

    @Override
    public void consumed(int bytes) {
        peer().out.onConsumed(bytes);
    }

    @Override
    public void reset(ErrorCode code) {
        out.sendReset(code);
    }

    @Override
    public void ended() {
        out.refuse(); // a piece that is left must be answered: its buffer is wanted back
    }

    @Override
    public ConnectionInfo info() {
        return info;
    }
}
