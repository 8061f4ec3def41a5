package io.h2conn.reliability.isolation;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Connections of one kind that share a TCP connection with the one that is measured, for the time of one slice. */
final class BadSiblings implements AutoCloseable {
    private static final Duration STALLED = Duration.ofMillis(100);

    private final Badness badness;
    private final CountDownLatch full;
    private final CountDownLatch strike = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<DuplexConnection> connections = new ArrayList<>();

    BadSiblings(Badness badness, int count) {
        this.badness = badness;
        this.full = new CountDownLatch(count);
    }

    /** Opens them, and returns when each has been filled until nothing more fits. */
    void open(DuplexClient client, URI uri, boolean clientIsBad, int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            DuplexConnection connection = client.connect(uri);
            connections.add(connection);
            run(() -> {
                if (clientIsBad) {
                    treat(connection);
                } else {
                    feed(connection);
                }
            });
        }
        full.await();
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void run(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (Badness.Misbehaviour e) {
                        // That was what it is for.
                    } catch (IOException e) {
                        if (!(e instanceof ConnectionFailure)) {
                            throw new IllegalStateException("a sibling failed: " + e.getMessage(), e);
                        } // The other end has ended it.
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "sibling");
        thread.setDaemon(true);
        thread.start();
    }

    /** What the application at the bad end does. */
    void treat(DuplexConnection connection) throws IOException, InterruptedException {
        try {
            badness.treat(connection, strike, end);
        } finally {
            connection.abort(ErrorCode.CANCEL);
        }
    }

    /** What the application at the other end does: it writes whenever it can. */
    void feed(DuplexConnection connection) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(16 * 1024);
        connection.setWriteTimeout(STALLED);
        boolean first = true;
        while (end.getCount() > 0) {
            try {
                connection.write(data.clear());
            } catch (ConnectionTimeoutException e) {
                if (first) {
                    first = false;
                    full.countDown();
                    connection.setWriteTimeout(Duration.ZERO);
                }
            }
        }
    }

    /** Measuring has begun: those who do something once do it now. */
    void strike() {
        strike.countDown();
    }

    @Override
    public void close() {
        strike.countDown();
        end.countDown();
        for (DuplexConnection connection : connections) {
            connection.abort(ErrorCode.CANCEL);
            connection.closed().toCompletableFuture().join();
        }
    }
}
