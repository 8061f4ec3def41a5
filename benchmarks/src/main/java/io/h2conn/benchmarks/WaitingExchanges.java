package io.h2conn.benchmarks;

import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.peer.Messages;
import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Exchanges of small messages on many connections, with a thread for each that waits. */
final class WaitingExchanges implements AutoCloseable {
    private final DuplexClient client;
    private final String uri;
    private final List<DuplexConnection> connections = new ArrayList<>();

    WaitingExchanges(DuplexClient client, String uri) {
        this.client = client;
        this.uri = uri;
    }

    /** Exchanges on so many at once for a while; returns the exchanges. */
    long run(int count, long nanos) throws Exception {
        while (connections.size() < count) {
            connections.add(client.connect(uri));
        }
        long end = System.nanoTime() + nanos;
        List<CompletableFuture<Long>> runs = new ArrayList<>();
        for (DuplexConnection connection : connections.subList(0, count)) {
            CompletableFuture<Long> exchanges = new CompletableFuture<>();
            runs.add(exchanges);
            new Thread(() -> play(connection, end, exchanges), "exchanges").start();
        }
        long sum = 0;
        for (CompletableFuture<Long> exchanges : runs) {
            sum += exchanges.get();
        }
        return sum;
    }

    private static void play(DuplexConnection connection, long end, CompletableFuture<Long> result) {
        try {
            long exchanges = 0;
            while (System.nanoTime() < end) {
                byte[] message = Messages.make(Messages.SMALL, exchanges, 0);
                connection.write(ByteBuffer.wrap(message));
                if (!Arrays.equals(connection.input().readNBytes(message.length), message)) {
                    throw new IOException("not the message that was sent");
                }
                exchanges++;
            }
            result.complete(exchanges);
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    @Override
    public void close() {
        connections.forEach(DuplexConnection::abort);
    }
}
