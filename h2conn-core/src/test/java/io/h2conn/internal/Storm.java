package io.h2conn.internal;

import static io.h2conn.internal.ModelReference.require;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One connection on which many threads do at both ends what they like, with deadlines, interrupts, and ends of every kind, and
 * then the account of it, which holds whatever the threads' order was. The seed decides what each thread does; what it cannot
 * decide is when.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closed() tells
final class Storm {
    private final SplittableRandom random;
    private final long patienceNanos;
    private final long buffersBefore = BufferPool.outstanding();
    private final @Nullable LinkedPair linked;
    private final StormEnd client;
    private final StormEnd server;

    Storm(long seed, ModelPlant plant, long patienceMillis, ExecutorService wire) {
        random = new SplittableRandom(seed);
        patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        int window = 1 + random.nextInt(random.nextBoolean() ? 200 : 20_000);
        ConnectionOptions options = ConnectionOptions.defaults()
                .sendBufferBytes(1 + random.nextInt(random.nextBoolean() ? 200 : 60_000))
                .gatherWrites(random.nextBoolean())
                .nonBlockingCallbacks(random.nextBoolean());
        boolean memory = random.nextBoolean() && plant == ModelPlant.NONE;
        linked = memory
                ? null
                : new LinkedPair(window, random.nextBoolean() ? window : window * 8, options, plant, wire);
        DuplexConnection.Pair pair = linked == null
                ? DuplexConnection.pair(window, options)
                : new DuplexConnection.Pair(linked.client, linked.server);
        client = new StormEnd(pair.client(), random.split());
        server = new StormEnd(pair.server(), random.split());
    }

    /** Runs it. Returns how many bytes were received. */
    long run() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (StormEnd end : List.of(client, server)) {
            threads.addAll(end.readers);
            threads.addAll(end.writers);
        }
        threads.forEach(Thread::start);
        try {
            disturb(threads);
            client.writers.forEach(this::join);
            server.writers.forEach(this::join);
            end(client);
            end(server);
            client.readers.forEach(this::join);
            server.readers.forEach(this::join);
            close(client);
            close(server);
            return settle();
        } finally {
            client.connection.abort(); // whoever still waits after a failure
            server.connection.abort();
        }
    }

    private void disturb(List<Thread> threads) throws IOException {
        int violent = random.nextInt(12);
        for (int events = random.nextInt(12); events > 0; events--) {
            LockSupport.parkNanos(random.nextInt(100_000));
            StormEnd end = random.nextBoolean() ? client : server;
            Instant soon = Instant.now().plusNanos(random.nextInt(300_000));
            switch (random.nextInt(6)) {
                case 0 -> end.connection.setReadDeadline(soon);
                case 1 -> end.connection.setWriteDeadline(soon);
                case 2 -> end.connection.setDeadline(null);
                default -> threads.get(random.nextInt(threads.size())).interrupt();
            }
        }
        // A close waits for what was accepted, and that for readers who are not late for ever.
        client.connection.setDeadline(null);
        server.connection.setDeadline(null);
        if (violent < 4) {
            StormEnd end = random.nextBoolean() ? client : server;
            switch (violent) {
                case 0 -> end.connection.abort(ErrorCode.INTERNAL_ERROR);
                case 1 -> end.connection.closeAsync();
                case 2 -> end.connection.input().close();
                default -> close(end);
            }
        }
    }

    private void end(StormEnd end) {
        try {
            end.connection.closeOutput();
        } catch (IOException e) {
            requireTyped(end, e);
        }
    }

    private void close(StormEnd end) {
        try {
            end.connection.closeAsync().get(patienceNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw waits("close of " + end.connection);
        } catch (Exception e) {
            requireTyped(end, e.getCause());
        }
    }

    private static void requireTyped(StormEnd end, @Nullable Throwable failure) {
        if (!(failure instanceof ConnectionFailure)) {
            throw new AssertionError("not a failure of the family at " + end.connection, failure);
        }
    }

    private void join(Thread thread) {
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(patienceNanos));
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted by somebody else", e);
        }
        if (thread.isAlive()) {
            throw waits(thread.getName());
        }
    }

    private AssertionError waits(String who) {
        StringBuilder dump =
                new StringBuilder(who + " waits for ever\n" + client.connection + "\n" + server.connection);
        for (Map.Entry<Thread, StackTraceElement[]> entry :
                Thread.getAllStackTraces().entrySet()) {
            if (!entry.getKey().isDaemon()) {
                continue;
            }
            dump.append("\n").append(entry.getKey());
            for (StackTraceElement frame : entry.getValue()) {
                dump.append("\n    ").append(frame);
            }
        }
        AssertionError failure = new AssertionError(dump.toString());
        client.wrong.forEach(failure::addSuppressed);
        server.wrong.forEach(failure::addSuppressed);
        return failure;
    }

    private CloseReason reason(StormEnd end) throws Exception {
        try {
            return end.connection.closed().toCompletableFuture().get(patienceNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw waits("closed() of " + end.connection);
        }
    }

    private long settle() throws Exception {
        CloseReason atClient = reason(client);
        CloseReason atServer = reason(server);
        for (StormEnd end : List.of(client, server)) {
            for (Throwable wrong : end.wrong) {
                throw new AssertionError("a thread at " + end.connection + " failed in another way than it may", wrong);
            }
        }
        server.checkReceivedFrom(client);
        client.checkReceivedFrom(server);
        checkAccount(client, atClient, atServer);
        checkAccount(server, atServer, atClient);
        awaitZero("buffers not given back", () -> BufferPool.outstanding() - buffersBefore);
        if (linked != null) {
            awaitZero("pieces of input not given back, or twice", linked::notGivenBack);
        }
        return atClient.bytesReceived() + atServer.bytesReceived();
    }

    private static void checkAccount(StormEnd from, CloseReason here, CloseReason there) {
        long accepted = from.acceptedBytes();
        String account = accepted + " accepted, here " + here + ", there " + there;
        require(here.bytesSent() + here.bytesNotDelivered() == accepted, "bytes are missing: " + account);
        require(there.bytesReceived() <= accepted, "more received than accepted: " + account);
        require(!here.isOrderly() || here.bytesNotDelivered() == 0, "an orderly end with a loss: " + account);
        if (here.isOrderly() && there.isOrderly()) {
            require(there.bytesReceived() == accepted, "bytes are lost: " + account);
        }
    }

    private interface Count {
        long get();
    }

    private void awaitZero(String what, Count count) {
        long start = System.nanoTime();
        while (count.get() != 0) {
            require(System.nanoTime() - start < patienceNanos, what + ": " + count.get());
            LockSupport.parkNanos(10_000);
        }
    }
}
