package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges messages on one connection of a peer that hands over what arrives in a callback. Either a thread waits for
 * that callback, or the callback sends the next message.
 */
final class PingPong implements Repetition.Operation, Rally.Player, MessageReceiver {
    private final Exchanges exchanges;
    private final MessageSource.Output output;

    private volatile @Nullable Thread waiting;
    private volatile byte @Nullable [] answer;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Rally rally;

    /**
     * Makes one.
     *
     * @param connection its number
     * @param output sends a message
     */
    PingPong(int connection, MessageSource.Output output) {
        exchanges = new Exchanges(connection);
        this.output = output;
    }

    /** Exchanges messages on all connections for some time. */
    static Outcome play(List<PingPong> connections, Waiting waiting, long nanos) throws Exception {
        return switch (waiting) {
            case THREAD -> {
                connections.forEach(connection -> connection.rally = null);
                yield Repetition.of(connections, nanos);
            }
            case CALLBACK ->
                Rally.play(
                        connections,
                        connections.stream()
                                .map(connection -> connection.exchanges)
                                .toList(),
                        nanos);
        };
    }

    /** One exchange; this thread waits for the answer. */
    @Override
    public void run() throws Exception {
        waiting = Thread.currentThread();
        output.send(exchanges.message());
        // The cheapest way from a thread to another: no lock, no queue, no object for each message.
        byte[] message = answer;
        while (message == null) {
            throwIfFailed();
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted before the answer came");
            }
            LockSupport.park(this);
            message = answer;
        }
        answer = null;
        exchanges.take(message);
    }

    @Override
    public void play(Rally begun) throws Exception {
        rally = begun;
        throwIfFailed();
        output.send(begun.first());
    }

    private void throwIfFailed() throws IOException {
        Throwable cause = failure;
        if (cause != null) {
            throw new IOException("the connection failed before the answer came", cause);
        }
    }

    @Override
    public void onMessage(byte[] message) throws Exception {
        Rally current = rally;
        if (current == null) {
            answer = message;
            LockSupport.unpark(waiting);
        } else {
            byte[] next = current.next(message);
            if (next != null) {
                output.send(next);
            }
        }
    }

    @Override
    public void onFailure(Throwable cause) {
        failure = cause;
        Rally current = rally;
        if (current != null) {
            current.fail(cause);
        }
        LockSupport.unpark(waiting);
    }
}
