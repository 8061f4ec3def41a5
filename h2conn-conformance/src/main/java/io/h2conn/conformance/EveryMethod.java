package io.h2conn.conformance;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Calls the methods of a connection, any of them from any thread, and keeps account of the bytes. */
final class EveryMethod {
    /** How many different calls there are. */
    static final int COUNT = 14;

    /** How many of them may be made of a connection that is closing: all but the last, which demands that it is open. */
    static final int WHILE_CLOSING = COUNT - 1;

    private final DuplexConnection connection;
    private final AtomicLong sent;
    private final AtomicLong received;
    private final Queue<CompletableFuture<?>> asyncCalls = new ConcurrentLinkedQueue<>();

    EveryMethod(DuplexConnection connection, AtomicLong sent, AtomicLong received) {
        this.connection = connection;
        this.sent = sent;
        this.received = received;
    }

    void callOne(int which) throws Exception {
        switch (which) {
            case 0, 1 -> write();
            case 2, 3 -> read();
            case 4 -> connection.setReadDeadline(soon());
            case 5 -> connection.setWriteDeadline(soon());
            case 6 -> flush();
            case 7 -> readAsync();
            case 8 -> writeAsync();
            case 9 -> gather();
            case 10 -> connection.setReadTimeout(Duration.ofMillis(random(3)));
            case 11 -> connection.setWriteTimeout(Duration.ofMillis(random(3)));
            case 12 -> connection.attributes().put("key", connection.toString() + connection.info());
            case 13 -> {
                if (!connection.isOpen()
                        || connection.closed().toCompletableFuture().isDone()) {
                    throw new AssertionError(connection + " is not open");
                }
            }
            default -> throw new IllegalArgumentException("there is no call " + which);
        }
    }

    /** Waits until the last asynchronous calls are done. */
    void awaitAsyncCalls() throws Exception {
        connection.setReadTimeout(Duration.ZERO);
        connection.setWriteTimeout(Duration.ZERO);
        for (CompletableFuture<?> call : asyncCalls) {
            Await.until(call::isDone, "the asynchronous call is done");
        }
    }

    private void write() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(random(100));
        try {
            connection.write(bytes);
        } catch (ConnectionTimeoutException e) {
            requireEqual(e.bytesTransferred, bytes.position());
        } finally {
            sent.addAndGet(bytes.position());
        }
    }

    private void gather() throws Exception {
        ByteBuffer[] parts = {ByteBuffer.allocate(random(20)), ByteBuffer.allocate(random(20))};
        try {
            connection.write(parts);
        } catch (ConnectionTimeoutException e) {
            requireEqual(e.bytesTransferred, parts[0].position() + parts[1].position());
        } finally {
            sent.addAndGet(parts[0].position() + parts[1].position());
        }
    }

    private void read() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(random(100));
        try {
            connection.read(bytes);
        } catch (ConnectionTimeoutException e) {
            requireEqual(0, bytes.position());
        } finally {
            received.addAndGet(bytes.position());
        }
    }

    private void flush() throws Exception {
        try {
            connection.flush();
        } catch (ConnectionTimeoutException e) {
            requireEqual(0, e.bytesTransferred);
        }
    }

    private void readAsync() {
        try {
            asyncCalls.add(connection.readAsync().handle((bytes, failure) -> {
                if (bytes != null) {
                    received.addAndGet(bytes.remaining());
                }
                return bytes;
            }));
        } catch (ReadPendingException e) {
            requirePending(e);
        }
    }

    private void writeAsync() {
        ByteBuffer bytes = ByteBuffer.allocate(random(100));
        try {
            asyncCalls.add(
                    connection.writeAsync(bytes).whenComplete((ignored, failure) -> sent.addAndGet(bytes.position())));
        } catch (WritePendingException e) {
            requireEqual(0, bytes.position());
        }
    }

    private static void requirePending(ReadPendingException e) {
        if (e.getMessage() == null) {
            throw new AssertionError("the exception must say what to do", e);
        }
    }

    private static void requireEqual(int expected, int actual) {
        if (expected != actual) {
            throw new AssertionError("expected " + expected + " bytes but counted " + actual);
        }
    }

    private static Instant soon() {
        return Instant.now().plusNanos(random(2_000_000));
    }

    private static int random(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }
}
