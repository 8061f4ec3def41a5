package io.h2conn.reliability.faults;

import io.h2conn.CloseReason;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** In one of the two processes: keeps its connections busy as their roles ask, and tells what happens to them. */
final class Watch {
    private static final int PIECE = 16 * 1024;

    /** Bounds what a flood costs where nothing else does: 16 MB/s at the most. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final PrintStream output;
    private final boolean server;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong received = new AtomicLong();

    Watch(PrintStream output, boolean server) {
        this.output = output;
        this.server = server;
    }

    void say(String word, Object rest) {
        synchronized (output) {
            output.println(word + " " + rest);
        }
    }

    /** Connections whose {@code closed()} has not completed. */
    int open() {
        return open.get();
    }

    /** Payload bytes so far, of all connections. */
    long received() {
        return received.get();
    }

    /** Begins what the role says, on threads of its own. */
    CompletableFuture<?> begin(Role role, DuplexConnection connection) {
        switch (role) {
            case READING -> start(role, "read", () -> read(connection));
            case DOWN -> flood(role, connection, server);
            case UP -> flood(role, connection, !server);
            case LISTENING -> {
                var unused = connection.listen(data -> null);
            }
            case IDLE -> {}
        }
        return count(connection)
                .thenAccept(reason ->
                        say("saw", Saw.now(role, "closed", reason.failure()).format()));
    }

    /** Counts a connection until it is closed. */
    CompletableFuture<CloseReason> count(DuplexConnection connection) {
        open.incrementAndGet();
        CompletionStage<CloseReason> closed = connection.closed();
        return closed.whenComplete((reason, thrown) -> open.decrementAndGet()).toCompletableFuture();
    }

    private void flood(Role role, DuplexConnection connection, boolean writer) {
        if (writer) {
            start(role, "write", () -> write(connection));
        } else {
            start(role, "read", () -> read(connection));
        }
    }

    private interface Call {
        void run() throws IOException;
    }

    private void start(Role role, String name, Call call) {
        Thread thread = new Thread(
                () -> {
                    Exception failure = null;
                    try {
                        call.run();
                    } catch (IOException | RuntimeException e) {
                        failure = e;
                    }
                    say("saw", Saw.now(role, name, failure).format());
                },
                "fault-" + role.path().substring(1));
        thread.setDaemon(true);
        thread.start();
    }

    private void read(DuplexConnection connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(PIECE);
        for (int length = 0; length >= 0; length = connection.read(buffer.clear())) {
            received.addAndGet(length);
        }
    }

    private static void write(DuplexConnection connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(PIECE);
        while (true) {
            connection.write(buffer.clear());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
