package io.h2conn.reliability;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes one place after the other, and does something with the connection there. */
final class StressWorker extends Thread {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final int SMALL = 200;
    private static final int LARGE = 1_000_000;

    private final StressTable table;
    private final Watchdog watchdog;
    private final Random random;
    private final long end;
    private final Consumer<String> findings;
    private final Object reading = new Object();
    private boolean interruptible;

    StressWorker(StressTable table, Watchdog watchdog, long seed, long end, Consumer<String> findings) {
        super("stress-worker");
        setDaemon(true);
        this.table = table;
        this.watchdog = watchdog;
        this.random = new Random(seed);
        this.end = end;
        this.findings = findings;
    }

    /** Interrupts it, but only where it can tell what an interrupt has cut. */
    void interruptIfItReads() {
        synchronized (reading) {
            if (interruptible) {
                interrupt();
            }
        }
    }

    @Override
    public void run() {
        while (System.nanoTime() < end) {
            StressTable.Place place = table.take(random);
            if (place == null) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                continue;
            }
            int act = random.nextInt(100);
            Watchdog.Watch watch = watchdog.watch(getName() + ", act " + act, BOUND);
            try {
                act(place, place.connection(random), act);
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                findings.accept("act " + act + ": " + e);
                return;
            } finally {
                watch.over();
                place.giveBack();
            }
        }
    }

    private void act(StressTable.Place place, DuplexConnection connection, int act) throws Exception {
        if (act < 60) {
            for (int i = random.nextInt(20); i >= 0; i--) {
                byte[] content = place.next(1 + random.nextInt(SMALL));
                connection.write(ByteBuffer.wrap(content));
                read(connection, content);
                place.advance(content.length);
            }
        } else if (act < 75) {
            byte[] content = place.next(1 + random.nextInt(SMALL));
            connection.setReadTimeout(Duration.ofNanos(1_000 + random.nextInt(2_000_000)));
            connection.write(ByteBuffer.wrap(content));
            read(connection, content);
            connection.setReadTimeout(Duration.ZERO);
            place.advance(content.length);
        } else if (act < 85) {
            byte[] content = place.next(1 + random.nextInt(SMALL));
            CompletableFuture<@Nullable ByteBuffer> read = connection.readAsync();
            connection.writeAsync(ByteBuffer.wrap(content)).get();
            readAsync(connection, read, content);
            place.advance(content.length);
        } else if (act < 88) {
            readWhileAnotherWrites(place, connection);
        } else if (act < 92) {
            LockSupport.parkNanos(random.nextInt(5_000_000));
        } else if (act < 96) {
            connection.write(ByteBuffer.wrap(place.next(SMALL)));
            connection.abort();
            place.leave();
        } else {
            byte[] content = place.next(SMALL);
            connection.write(ByteBuffer.wrap(content));
            connection.closeOutput();
            read(connection, content);
            if (connection.read(ByteBuffer.allocate(1)) != -1) {
                throw new IOException("more than was sent");
            }
            connection.close();
            place.leave();
        }
    }

    private void readWhileAnotherWrites(StressTable.Place place, DuplexConnection connection)
            throws IOException, InterruptedException, ExecutionException {
        byte[] content = place.next(1 + random.nextInt(LARGE));
        CompletableFuture<@Nullable Void> written = new CompletableFuture<>();
        Thread writer = new Thread(
                () -> {
                    try {
                        connection.write(ByteBuffer.wrap(content));
                        connection.flush();
                        written.complete(null);
                    } catch (IOException e) {
                        written.completeExceptionally(e);
                    }
                },
                "stress-writer");
        writer.start();
        read(connection, content);
        written.get();
        place.advance(content.length);
    }

    /** Reads all of it, however often a read is cut. */
    private void read(DuplexConnection connection, byte[] expected) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(expected.length);
        interruptible(true);
        try {
            while (buffer.hasRemaining()) {
                try {
                    if (connection.read(buffer) < 0) {
                        throw new IOException("ended after " + buffer.position() + " of " + expected.length + " bytes");
                    }
                } catch (ConnectionTimeoutException e) {
                    Thread.onSpinWait(); // which is what some acts ask for
                } catch (InterruptedIOException e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                }
            }
        } finally {
            interruptible(false);
        }
        compare(buffer.array(), expected);
    }

    private void interruptible(boolean value) {
        synchronized (reading) {
            interruptible = value;
        }
        if (!value && Thread.interrupted()) {
            Thread.onSpinWait(); // it came when all was read
        }
    }

    private static void readAsync(
            DuplexConnection connection, CompletableFuture<@Nullable ByteBuffer> first, byte[] expected)
            throws IOException, InterruptedException, ExecutionException {
        ByteBuffer all = ByteBuffer.allocate(expected.length);
        CompletableFuture<@Nullable ByteBuffer> read = first;
        while (true) {
            ByteBuffer piece = read.get();
            if (piece == null) {
                throw new IOException("ended after " + all.position() + " of " + expected.length + " bytes");
            }
            all.put(piece);
            if (!all.hasRemaining()) {
                compare(all.array(), expected);
                return;
            }
            read = connection.readAsync();
        }
    }

    private static void compare(byte[] received, byte[] expected) throws IOException {
        int wrong = Arrays.mismatch(received, expected);
        if (wrong >= 0) {
            throw new IOException("byte " + wrong + " of " + expected.length + " is not what was sent");
        }
    }
}
