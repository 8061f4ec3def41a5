package io.h2conn.internal;

import static io.h2conn.internal.ModelReference.require;

import io.h2conn.ConnectionOptions;
import io.h2conn.internal.ModelReference.Source;
import io.h2conn.internal.ModelReference.Thrown;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a sequence of calls to an engine and to the reference beside it is made of: writing and reading, and what they need. */
@SuppressWarnings({"ByteBufferBackingArray", "FutureReturnValueIgnored"}) // arrays of their own; calls that throw
class ModelCalls {
    /** Half the time that a failure waits for the answer to our end: a machine that stands still is not what this looks for. */
    static final long TOO_SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    static final int[] CAPACITIES = {1, 7, 64, 1_000, 100_000};
    static final int[] WINDOWS = {0, 1, 9, 100, 20_000, 200_000};

    final List<String> log = new ArrayList<>();
    final boolean logging;
    final ArrayDeque<Runnable> callbacks = new ArrayDeque<>();
    final long buffersBefore = BufferPool.outstanding();
    final ModelReference reference;
    final ModelTransport transport;
    final Engine engine;
    final boolean direct;

    @Nullable
    Outcome read;

    @Nullable
    CompletableFuture<?> readFuture;

    @Nullable
    Outcome write;

    final List<Outcome> closings = new ArrayList<>();
    final Outcome reason;

    @Nullable
    Outcome listening;

    boolean listenerDead;

    @Nullable
    CompletableFuture<@Nullable Void> lent;

    @Nullable
    Thrown listenerThrew;

    /** Whether the transport still has to say that nothing follows for now. */
    boolean pauseOwed;
    /** Whether what arrived last need not be announced before that. */
    boolean mayWait;

    long endingSince;
    SplittableRandom random = new SplittableRandom(0);

    /** How a future was completed. */
    static final class Outcome {
        boolean done;

        @Nullable
        Object value;

        @Nullable
        Throwable failure;

        static Outcome of(CompletionStage<?> stage) {
            Outcome outcome = new Outcome();
            CompletionStage<?> unused = stage.whenComplete((value, failure) -> {
                require(!outcome.done, "completed twice");
                outcome.done = true;
                outcome.value = value;
                outcome.failure = failure;
            });
            return outcome;
        }
    }

    /** A call of the engine. */
    interface Call {
        @Nullable
        Object call() throws Exception;
    }

    ModelCalls(long setup, ModelPlant plant, boolean logging) {
        this.logging = logging;
        SplittableRandom chance = new SplittableRandom(setup);
        int window = WINDOWS[chance.nextInt(WINDOWS.length)];
        int maxWindow = window * (window > 0 && chance.nextBoolean() ? 4 : 1);
        boolean server = chance.nextBoolean();
        direct = chance.nextBoolean();
        reference = new ModelReference(CAPACITIES[chance.nextInt(CAPACITIES.length)], window, maxWindow, server);
        transport = new ModelTransport(reference, plant);
        ConnectionOptions options = ConnectionOptions.defaults()
                .sendBufferBytes(reference.capacity)
                .closeTimeout(Duration.ofHours(1))
                .gatherWrites(false)
                .nonBlockingCallbacks(direct);
        engine = new Engine(
                transport,
                direct ? options : options.executor(callbacks::add),
                server ? Engine.Role.SERVER : Engine.Role.CLIENT,
                "model",
                1);
        transport.engine = engine;
        reason = Outcome.of(engine.closed());
        log("send buffer " + reference.capacity + ", window " + window + " to " + maxWindow + ", " + engine.id()
                + (server ? ", server" : ", client") + (direct ? ", direct" : ", executor"));
        if (chance.nextInt(8) > 0) {
            start();
        }
    }

    List<String> log() {
        return log;
    }

    void log(String line) {
        if (logging) {
            log.add(line);
        }
    }

    @Nullable
    Object call(Call call, @Nullable Thrown expected) {
        Object value = null;
        Throwable thrown = null;
        try {
            value = call.call();
        } catch (AssertionError e) {
            throw e;
        } catch (Throwable t) {
            thrown = t;
        }
        requireThrown(thrown, expected);
        return value;
    }

    static void requireThrown(@Nullable Throwable thrown, @Nullable Thrown expected) {
        if (expected == null ? thrown != null : !expected.matches(thrown)) {
            throw new AssertionError("expected " + expected + " but was " + thrown, thrown);
        }
    }

    void start() {
        if (!reference.started) {
            log("start");
            reference.started = true;
            engine.start(reference.window, reference.maxWindow);
        }
    }

    // ---------------------------------------------------------------- writing

    int size() {
        int kind = random.nextInt(400);
        return kind == 0 ? random.nextInt(100_000) : kind < 8 ? random.nextInt(3_000) : random.nextInt(20);
    }

    Source source(int parts) {
        ByteBuffer[] buffers = new ByteBuffer[parts];
        long place = reference.accepted();
        for (int i = 0; i < parts; i++) {
            buffers[i] = ByteBuffer.allocate(size());
            while (buffers[i].hasRemaining()) {
                buffers[i].put(ModelTransport.byteAt(place++));
            }
            buffers[i].flip();
        }
        return new Source(buffers);
    }

    void write(int parts) {
        Source source = source(parts);
        log("write " + source.total + " bytes in " + parts);
        Thrown refusal = reference.writeRefusal();
        if (refusal == null) {
            refusal = reference.writeLate ? Thrown.TIMED_OUT : reference.async != null ? Thrown.INTERRUPTED : null;
        }
        long room = reference.room();
        long landed = reference.landed;
        if (refusal == null) {
            reference.blocking = source;
        }
        Throwable thrown = null;
        long written = 0;
        try {
            written = parts == 1 ? engine.write(source.buffers[0]) : engine.write(source.buffers);
        } catch (AssertionError e) {
            throw e;
        } catch (Throwable t) {
            thrown = t;
        }
        int taken = source.taken();
        log("  took " + taken);
        if (refusal != null) {
            require(taken == 0, "a refused write took " + taken + " bytes");
            requireThrown(thrown, refusal);
        } else if (taken == source.total) {
            requireThrown(thrown, null);
            require(written == taken, "returned " + written + " of " + taken);
        } else {
            boolean failed = reference.outFailed;
            requireThrown(thrown, failed ? reference.failure : Thrown.INTERRUPTED);
            require(failed || taken == room + reference.landed - landed, "took " + taken + ", but there was room");
        }
        if (thrown instanceof InterruptedIOException e && !Thrown.TIMED_OUT.equals(reference.failure)) {
            require(e.bytesTransferred == taken, "says " + e.bytesTransferred + " of " + taken);
        }
        reference.settleBlocking();
        scribble(source);
    }

    /** The caller's memory is the caller's again. */
    static void scribble(Source source) {
        for (ByteBuffer buffer : source.buffers) {
            Arrays.fill(buffer.array(), (byte) 0xDD);
        }
    }

    void writeAsync() {
        Source source = source(1);
        log("writeAsync " + source.total + " bytes");
        if (reference.async != null) {
            call(() -> engine.writeAsync(source.buffers[0]), Thrown.WRITE_PENDING);
            return;
        }
        Thrown refusal = reference.writeRefusal();
        refusal = refusal == null && reference.writeLate ? Thrown.TIMED_OUT : refusal;
        if (refusal == null) {
            reference.async = source;
        }
        Outcome outcome = Outcome.of(engine.writeAsync(source.buffers[0]));
        if (refusal != null) {
            require(outcome.done && source.taken() == 0, "a refused write is under way");
            requireThrown(outcome.failure, refusal);
        } else {
            write = outcome;
        }
    }

    void checkWrite() {
        Source source = reference.async;
        if (source == null) {
            return;
        }
        Outcome outcome = Objects.requireNonNull(write);
        int taken = source.taken();
        if (taken == source.total) {
            require(outcome.done && outcome.failure == null, "all was taken, but the write fails or waits");
        } else if (reference.writeBroken() != null || reference.writeLate) {
            require(outcome.done, "the write still waits");
            requireThrown(
                    outcome.failure, reference.writeBroken() == null ? Thrown.TIMED_OUT : reference.writeBroken());
        } else {
            require(!outcome.done, "a write of which " + taken + " was taken is done: " + outcome.failure);
            require(reference.room() == 0, "a write waits, but there is room for " + reference.room());
            return;
        }
        reference.settleAsync();
        write = null;
        scribble(source);
    }

    void flush() {
        log("flush");
        long target = reference.accepted();
        Throwable thrown = null;
        try {
            engine.flush();
        } catch (Throwable t) {
            thrown = t;
        }
        if (reference.sent >= target) {
            requireThrown(thrown, null);
        } else {
            Thrown broken = reference.writeBroken();
            requireThrown(
                    thrown, broken != null ? broken : reference.writeLate ? Thrown.TIMED_OUT : Thrown.INTERRUPTED);
        }
    }

    // ---------------------------------------------------------------- reading

    void read() {
        int capacity = size();
        log("read " + capacity);
        Thrown refusal = reference.readRefusal(listening != null);
        if (refusal == null && capacity > 0) {
            boolean nothing = reference.unread == 0 && !reference.peerEnded;
            refusal = reference.readLate ? Thrown.TIMED_OUT : nothing ? Thrown.INTERRUPTED : null;
        }
        ByteBuffer buffer = ByteBuffer.allocate(capacity);
        Integer n = (Integer) call(() -> engine.read(buffer), refusal);
        require(buffer.position() == (n == null || n < 0 ? 0 : n), "says " + n + " but put " + buffer.position());
        if (n != null && capacity > 0) {
            took(n, buffer.flip());
        }
    }

    /** Something was handed to the application, or -1 for the end. */
    void took(int n, ByteBuffer data) {
        log("  got " + n);
        if (reference.unread == 0) {
            require(n == -1 && reference.peerEnded, "got " + n + " where there is nothing");
            reference.noteDrained();
            return;
        }
        require(n > 0 && n <= reference.unread, "got " + n + " of " + reference.unread);
        requireBytes(data, n);
        reference.take(n);
    }

    void requireBytes(ByteBuffer data, int n) {
        for (int i = 0; i < n; i++) {
            byte expected = ModelTransport.byteAt(reference.handedOut + i);
            require(data.get(data.position() + i) == expected, "wrong byte received at " + (reference.handedOut + i));
        }
    }

    void readAsync() {
        log("readAsync");
        boolean pending = readFuture != null && !readFuture.isDone();
        if (listening != null || pending) {
            call(engine::readAsync, listening != null ? Thrown.STATE : Thrown.READ_PENDING);
            return;
        }
        CompletableFuture<?> future = engine.readAsync();
        readFuture = future;
        read = Outcome.of(future);
        mayWait = false;
    }

    void cancelRead() {
        if (readFuture != null && !readFuture.isDone()) {
            log("cancel the asynchronous read");
            require(readFuture.cancel(true), "not cancelled");
            read = null;
        }
    }

    void checkRead() {
        Outcome outcome = read;
        if (outcome == null) {
            return;
        }
        Thrown refusal = reference.inputRefusal();
        refusal = refusal == null && reference.readLate ? Thrown.TIMED_OUT : refusal;
        boolean ready = refusal != null || reference.unread > 0 || reference.peerEnded;
        if (!outcome.done) {
            require(!ready || mayWait, "an asynchronous read waits for nothing");
            return;
        }
        require(ready, "an asynchronous read is done with " + outcome.value + outcome.failure);
        read = null;
        if (outcome.failure != null || refusal != null) {
            requireThrown(outcome.failure, refusal);
        } else if (outcome.value == null) {
            took(-1, ByteBuffer.allocate(0));
        } else {
            ByteBuffer data = (ByteBuffer) outcome.value;
            took(data.remaining(), data);
        }
    }
}
