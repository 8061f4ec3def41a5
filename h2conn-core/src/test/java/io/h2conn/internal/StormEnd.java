package io.h2conn.internal;

import static io.h2conn.internal.ModelReference.require;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One end of a connection in a storm: the threads that write and read there, and what they have written and read. */
@SuppressWarnings("ThreadPriorityCheck") // only to be polite
final class StormEnd {
    /** How the input of an end is taken. */
    enum Taking {
        BLOCKING,
        ASYNCHRONOUS,
        LISTENER,
        SEVERAL_THREADS
    }

    private static final int MAX_RECORDS = 20;

    final DuplexConnection connection;
    final Taking taking;
    final List<Thread> writers = new ArrayList<>();
    final List<Thread> readers = new ArrayList<>();
    final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    /** For each writer, the bytes of each of its records that were accepted. */
    private final List<List<byte[]>> accepted = new ArrayList<>();

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    volatile boolean sawEnd;

    StormEnd(DuplexConnection connection, SplittableRandom random) {
        this.connection = connection;
        this.taking = Taking.values()[random.nextInt(Taking.values().length)];
        int count = 1 + random.nextInt(3);
        for (int id = 0; id < count; id++) {
            List<byte[]> log = new ArrayList<>();
            accepted.add(log);
            SplittableRandom own = random.split();
            int writer = id;
            writers.add(thread("writer", () -> writeAll(writer, log, own)));
        }
        int threads = taking == Taking.SEVERAL_THREADS ? 2 + random.nextInt(2) : 1;
        for (int i = 0; i < threads; i++) {
            SplittableRandom own = random.split();
            readers.add(thread("reader", () -> readAll(own)));
        }
    }

    /** Work that may end with a typed failure, and with nothing else. */
    private interface Work {
        void run() throws Exception;
    }

    private Thread thread(String role, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Throwable t) {
                        Throwable cause =
                                t instanceof CompletionException || t instanceof ExecutionException ? t.getCause() : t;
                        if (!(cause instanceof ConnectionFailure)) {
                            wrong.add(t);
                        }
                    }
                },
                "storm-" + role + "-" + connection.id());
        thread.setDaemon(true);
        return thread;
    }

    // ---------------------------------------------------------------- writing

    private void writeAll(int writer, List<byte[]> log, SplittableRandom random) throws Exception {
        int records = random.nextInt(MAX_RECORDS);
        for (int sequence = 0; sequence < records; sequence++) {
            byte[] record = record(writer, sequence, random);
            ByteBuffer one = ByteBuffer.wrap(record.clone());
            int cut = random.nextInt(record.length + 1);
            ByteBuffer head = one.duplicate().limit(cut);
            ByteBuffer tail = one.duplicate().position(cut).slice();
            int how = random.nextInt(3);
            try {
                if (how == 0) {
                    connection.write(new ByteBuffer[] {head, tail});
                } else if (how == 1 && writer == 0) { // one asynchronous write at a time
                    join(connection.writeAsync(one));
                } else {
                    connection.write(one);
                }
            } catch (ConnectionTimeoutException e) {
                if (!connection.isOpen()) {
                    throw e; // it is what ended the connection
                }
            } catch (InterruptedIOException e) {
                require(Thread.interrupted(), "an interrupt was swallowed");
            } finally {
                int n = how == 0 ? head.position() + tail.position() : one.position();
                log.add(Arrays.copyOf(record, n));
            }
        }
    }

    private static void join(CompletableFuture<?> future) throws IOException {
        try {
            future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The writer's number, and bytes that only this record has in this place. */
    private static byte[] record(int writer, int sequence, SplittableRandom random) {
        int kind = random.nextInt(10);
        byte[] record =
                new byte[1 + (kind == 0 ? random.nextInt(2_000) : kind < 4 ? random.nextInt(200) : random.nextInt(20))];
        record[0] = (byte) writer;
        for (int i = 1; i < record.length; i++) {
            record[i] = (byte) (i * 167 + sequence * 59 + writer * 31 + (i >> 8) * 7);
        }
        return record;
    }

    long acceptedBytes() {
        return accepted.stream()
                .flatMap(List::stream)
                .mapToLong(bytes -> bytes.length)
                .sum();
    }

    // ---------------------------------------------------------------- reading

    private void readAll(SplittableRandom random) throws Exception {
        switch (taking) {
            case BLOCKING, SEVERAL_THREADS -> readBlocking(random);
            case ASYNCHRONOUS -> readAsynchronously(random);
            case LISTENER -> {
                join(connection.listen(data -> {
                    keep(data);
                    return random.nextInt(10) == 0 ? CompletableFuture.runAsync(Thread::yield) : null;
                }));
                sawEnd = true;
            }
        }
    }

    private void readBlocking(SplittableRandom random) throws IOException {
        while (true) {
            ByteBuffer buffer = ByteBuffer.allocate(1 + random.nextInt(random.nextInt(4) == 0 ? 4_000 : 30));
            try {
                if (connection.read(buffer) < 0) {
                    sawEnd = true;
                    return;
                }
            } catch (ConnectionTimeoutException e) {
                if (!connection.isOpen()) {
                    throw e; // it is what ended the connection
                }
                Thread.yield(); // until the deadline is cleared
            } catch (InterruptedIOException e) {
                require(Thread.interrupted(), "an interrupt was swallowed");
            }
            keep(buffer.flip());
        }
    }

    private void readAsynchronously(SplittableRandom random) throws Exception {
        while (true) {
            CompletableFuture<@Nullable ByteBuffer> future = connection.readAsync();
            try {
                if (awaitOrCancel(future, random) && take(future.join())) {
                    return;
                }
            } catch (ExecutionException | CompletionException e) {
                if (!(e.getCause() instanceof ConnectionTimeoutException) || !connection.isOpen()) {
                    throw e;
                }
                Thread.yield(); // until the deadline is cleared
            }
        }
    }

    /** Returns whether the read has come to its own end, not to a cancel. */
    private static boolean awaitOrCancel(CompletableFuture<?> future, SplittableRandom random)
            throws ExecutionException {
        try {
            boolean hasty = random.nextInt(4) == 0;
            Object unused = future.get(hasty ? random.nextInt(200) : TimeUnit.DAYS.toMicros(1), TimeUnit.MICROSECONDS);
            return true;
        } catch (TimeoutException | InterruptedException e) {
            return !future.cancel(false);
        }
    }

    private boolean take(@Nullable ByteBuffer data) {
        if (data == null) {
            sawEnd = true;
            return true;
        }
        keep(data);
        return false;
    }

    private void keep(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        synchronized (received) {
            received.writeBytes(bytes);
        }
    }

    // ---------------------------------------------------------------- what was read here is what was written there

    void checkReceivedFrom(StormEnd other) {
        byte[] bytes;
        synchronized (received) {
            bytes = received.toByteArray();
        }
        if (taking == Taking.SEVERAL_THREADS) {
            checkSum(bytes, other);
        } else {
            checkOrder(bytes, other);
        }
    }

    /** Whatever order several threads have read in: as many of each byte. */
    private void checkSum(byte[] bytes, StormEnd other) {
        int[] surplus = new int[256];
        for (byte one : bytes) {
            surplus[one & 0xff]++;
        }
        other.accepted.forEach(log -> log.forEach(record -> {
            for (byte one : record) {
                surplus[one & 0xff]--;
            }
        }));
        for (int one = 0; one < 256; one++) {
            require(surplus[one] <= 0, "the byte " + one + " came too often");
            require(!sawEnd || surplus[one] == 0, "the byte " + one + " came too seldom before a clean end");
        }
    }

    /** Each record is in one piece, and those of each writer are in their order. */
    private void checkOrder(byte[] bytes, StormEnd other) {
        int[] next = new int[other.accepted.size()];
        int at = 0;
        while (at < bytes.length) {
            int writer = bytes[at];
            require(writer >= 0 && writer < next.length, "no record begins with " + writer + " at " + at);
            byte[] record = {};
            while (record.length == 0) {
                require(
                        next[writer] < other.accepted.get(writer).size(),
                        "more of writer " + writer + " than was accepted");
                record = other.accepted.get(writer).get(next[writer]++);
            }
            int n = Math.min(record.length, bytes.length - at);
            require(
                    Arrays.equals(bytes, at, at + n, record, 0, n),
                    "record " + (next[writer] - 1) + " of writer " + writer + " is not as it was written");
            at += n;
        }
        require(
                !sawEnd || bytes.length == other.acceptedBytes(),
                "a clean end after " + bytes.length + " of " + other.acceptedBytes() + " bytes");
    }
}
