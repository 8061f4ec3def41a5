package io.h2conn.reliability;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.DuplexConnection;
import io.h2conn.reliability.Entry.Fact;
import io.h2conn.reliability.Entry.InputEnd;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One side of one connection: does what the plan says, and writes the journal. Safe for any thread. */
final class Party {
    /** Far more than any plan takes with any fault. */
    private static final Duration LIFETIME = Duration.ofMinutes(3);
    /** The close timeout, and much patience with a busy machine. */
    private static final Duration CLOSING = Duration.ofSeconds(20);

    private final Plan plan;
    private final Side side;
    private final DuplexConnection connection;
    private final Surroundings surroundings;
    private final Entry entry;
    private final Sender sender;
    private final Receiver receiver;
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final AtomicBoolean acted = new AtomicBoolean();
    private final AtomicBoolean journaled = new AtomicBoolean();
    /** The sender, the receiver, the last step of the program, and the connection itself; and calls under way. */
    private final AtomicInteger busy = new AtomicInteger(4);

    private final Watchdog.Watch life;
    private volatile boolean stopped;
    private volatile boolean inputStopped;

    /**
     * Begins with an entry of the journal, which may know already how the connection came to be.
     *
     * @param plan of the connection
     * @param connection open
     * @param entry of this side
     * @param surroundings of this process
     */
    Party(Plan plan, DuplexConnection connection, Entry entry, Surroundings surroundings) {
        this.plan = plan;
        this.side = entry.side();
        this.connection = connection;
        this.surroundings = surroundings;
        this.entry = entry;
        this.sender = new Sender(this);
        this.receiver = new Receiver(this);
        this.life = surroundings
                .watchdog()
                .watch(side + " of connection " + plan.id() + ", " + plan, LIFETIME, connection::abort);
    }

    Plan plan() {
        return plan;
    }

    Side side() {
        return side;
    }

    Plan.Manner manner() {
        return plan.manner(side);
    }

    DuplexConnection connection() {
        return connection;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Sender sender() {
        return sender;
    }

    /** Whether this side has closed, aborted or left the connection. */
    boolean stopped() {
        return stopped;
    }

    boolean inputStopped() {
        return inputStopped || stopped;
    }

    /** Whether this side sends back what it reads. */
    boolean echoes() {
        return side == Side.SERVER && plan.flow() == Plan.Flow.ECHO;
    }

    /** Begins. What is returned completes when the program would return from its handler, or close the connection. */
    CompletableFuture<@Nullable Void> run() {
        var unused = connection.closed().thenAccept(this::onClosed);
        surroundings.executeLater(this::begin, plan.idle().toMillis());
        return done;
    }

    private void begin() {
        if (plan.ending().actor == side && plan.ending() != Ending.CLIENT_DEADLINE) {
            surroundings.executeLater(this::act, plan.endAfterMillis());
        }
        boolean second = plan.flow() == (side == Side.CLIENT ? Plan.Flow.SERVER_FIRST : Plan.Flow.CLIENT_FIRST);
        boolean silent = side == Side.SERVER && plan.ending() == Ending.CLIENT_DEADLINE;
        CompletableFuture<@Nullable Void> received = receiver.run();
        CompletableFuture<@Nullable Void> sent =
                echoes() ? received : second || silent ? received.thenCompose(end -> sender.run()) : sender.run();
        var unused = received.thenRun(this::finished);
        var unusedToo = sent.thenRun(this::finished);
        var unusedAsWell = CompletableFuture.allOf(received, sent).thenRun(() -> {
            surroundings.execute(() -> {
                act();
                if (side == Side.CLIENT) {
                    closeAtLast();
                } else {
                    note(Fact.LEFT, true);
                    note(Fact.OUTPUT_ENDED, "RETURN"); // which may overtake an abort on another thread
                }
                done.complete(null);
                finished();
            });
        });
    }

    /** Something that counts as progress towards the ending. */
    void progress(int messages) {
        if (plan.ending().actor == side && messages >= plan.endAfter() && plan.ending() != Ending.CLIENT_DEADLINE) {
            if (!acted.get()) {
                surroundings.execute(this::act);
            }
        }
    }

    /** Does what ends the connection, if this side is to and has not done so. */
    void act() {
        if (plan.ending().actor != side || acted.get()) {
            return;
        }
        busy.incrementAndGet();
        if (acted.compareAndSet(false, true)) {
            end();
        }
        finished();
    }

    private void end() {
        switch (plan.ending()) {
            case ORDERLY, REFUSED, CLIENT_OBJECT_CLOSED -> {}
            case CONNECT_CANCELLED, CLIENT_ABORT, SERVER_ABORT -> abort();
            case CLIENT_CLOSE, SERVER_CLOSE -> close();
            case CLIENT_CLOSE_ASYNC, SERVER_CLOSE_ASYNC -> closeAsync();
            case CLIENT_DEADLINE -> {
                if (plan.id() % 2 == 0) {
                    abort();
                } else {
                    close();
                }
            }
            case CLIENT_INPUT_CLOSE, SERVER_INPUT_CLOSE -> {
                inputStopped = true;
                try {
                    connection.input().close();
                } catch (IOException e) {
                    find("input().close()", e);
                }
            }
            case SERVER_RETURN -> {
                stopped = true;
                note(Fact.LEFT, true);
                note(Fact.OUTPUT_ENDED, "RETURN");
                done.complete(null);
            }
            case SERVER_THROW -> {
                stopped = true;
                note(Fact.ABORTED, true);
                done.completeExceptionally(new DeliberateException());
            }
        }
    }

    private void abort() {
        stopped = true;
        note(Fact.ABORTED, true);
        Watchdog.Watch watch = surroundings.watchdog().watch("abort() of " + this, CLOSING);
        connection.abort(plan.code());
        watch.over();
    }

    private void close() {
        stopped = true;
        note(Fact.LEFT, true);
        note(Fact.OUTPUT_ENDED, "CLOSE");
        Watchdog.Watch watch = surroundings.watchdog().watch("close() of " + this, CLOSING, connection::abort);
        try {
            connection.close();
            note(Fact.CLOSE_RETURNED, true);
        } catch (IOException e) {
            note(Fact.CLOSE_FAILURE, typed("close()", e));
        } finally {
            watch.over();
        }
    }

    private void closeAsync() {
        stopped = true;
        note(Fact.LEFT, true);
        note(Fact.OUTPUT_ENDED, "CLOSE_ASYNC");
        Watchdog.Watch watch = surroundings.watchdog().watch("closeAsync() of " + this, CLOSING, connection::abort);
        busy.incrementAndGet();
        var unused = connection.closeAsync().whenComplete((nothing, failure) -> {
            watch.over();
            if (failure == null) {
                note(Fact.CLOSE_RETURNED, true);
            } else {
                note(Fact.CLOSE_FAILURE, typed("closeAsync()", failure));
            }
            finished();
        });
    }

    /** The client has done all; if it has not ended the connection by then, it does now. */
    private void closeAtLast() {
        if (!stopped) {
            if (manner().blocks()) {
                close();
            } else {
                closeAsync();
            }
        }
    }

    /** Keeps the first failure of a kind, and tells of any that is not one of the family. */
    Failure typed(String call, Throwable thrown) {
        Failure failure = Failure.of(thrown);
        if (!failure.isTyped()) {
            find(call, thrown);
        }
        return failure;
    }

    void find(String call, Throwable thrown) {
        synchronized (entry) {
            entry.find(call + " failed with " + Failure.of(thrown));
        }
    }

    void note(Fact key, Object value) {
        synchronized (entry) {
            if (!entry.has(key)) {
                entry.set(key, value);
            }
        }
    }

    /** Replaces what was noted before. */
    void noteLast(Fact key, Object value) {
        synchronized (entry) {
            entry.set(key, value);
        }
    }

    private void onClosed(CloseReason reason) {
        ConnectionFailure failure = reason.failure();
        note(Fact.CLOSED_ORDERLY, reason.isOrderly());
        if (failure != null) {
            note(Fact.CLOSED_FAILURE, Failure.of(failure.asException()));
        }
        note(Fact.CLOSED_BYTES_RECEIVED, reason.bytesReceived());
        note(Fact.CLOSED_BYTES_SENT, reason.bytesSent());
        note(Fact.CLOSED_BYTES_NOT_DELIVERED, reason.bytesNotDelivered());
        finished();
    }

    private void finished() {
        if (busy.decrementAndGet() > 0 || !journaled.compareAndSet(false, true)) {
            return;
        }
        life.over();
        synchronized (entry) {
            sender.describe(entry);
            receiver.describe(entry);
        }
        surroundings.journal(entry);
        surroundings.open().decrementAndGet();
    }

    /** How reading ended, given what the last read did. */
    InputEnd inputEnd(boolean end) {
        return end ? InputEnd.END : inputStopped() ? InputEnd.STOPPED : InputEnd.FAILURE;
    }

    static void sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts these threads", e);
        }
    }

    @Override
    public String toString() {
        return side + " of connection " + plan.id() + ", " + connection;
    }

    /** What a handler throws because the plan says so. */
    private static final class DeliberateException extends IOException {
        private static final long serialVersionUID = 1;

        DeliberateException() {
            super("thrown because the plan says so");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
