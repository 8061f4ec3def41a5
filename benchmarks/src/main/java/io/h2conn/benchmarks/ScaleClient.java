package io.h2conn.benchmarks;

import io.h2conn.ConnectionOptions;
import io.h2conn.DataListener;
import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.Messages;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The client of {@link ScaleRun}: opens connections, verifies what comes, and plays ping-pong on some. */
final class ScaleClient extends ScaleProcess {
    /** How many connects are under way at a time. */
    private static final int CONCURRENT = 256;

    private final String origin;
    private final DuplexClient client;
    private final WaitingExchanges waiting;
    private final List<DuplexConnection> feed = new ArrayList<>();
    private final LongAdder received = new LongAdder();
    private volatile @Nullable Throwable failure;
    private volatile byte[] expected = new byte[0];
    private List<Exchanger> exchangers = List.of();

    private ScaleClient(String origin, DuplexClient client, WaitingExchanges waiting) {
        this.origin = origin;
        this.client = client;
        this.waiting = waiting;
    }

    /**
     * Obeys until its input ends.
     *
     * @param args none; the first line of the input says {@code PORT clear|tls SESSIONS CONNECTIONS-A-SESSION},
     *     and perhaps {@code direct}
     * @throws Exception if something goes wrong
     */
    public static void main(String[] args) throws Exception {
        String[] words = readWords();
        boolean tls = words[1].equals("tls");
        String origin = (tls ? "https" : "http") + "://127.0.0.1:" + words[0];
        DuplexClient.Builder builder = DuplexClient.builder()
                .maxSessionsPerOrigin(Integer.parseInt(words[2]))
                .maxConnectionsPerSession(Integer.parseInt(words[3]))
                .directReads(words.length > 4)
                .options(ConnectionOptions.defaults().nonBlockingCallbacks(true));
        if (tls) {
            builder.sslContext(Identity.context());
        }
        long start = System.nanoTime();
        DuplexClient client = builder.build();
        exchangeOnce(client, origin);
        long first = System.nanoTime() - start;
        client.close();
        try (DuplexClient warm = builder.build();
                DuplexClient alone = builder.maxConnectionsPerSession(1).build();
                WaitingExchanges waiting = new WaitingExchanges(alone, origin + "/wait")) {
            new ScaleClient(origin, warm, waiting).run(String.valueOf(first));
        }
    }

    /** Opens a connection, gets one byte back, and closes it. */
    static void exchangeOnce(DuplexClient client, String origin) throws IOException {
        try (DuplexConnection connection = client.connect(origin + "/echo")) {
            connection.output().write(1);
            if (connection.input().read() != 1) {
                throw new IOException("the echo is not what was sent");
            }
        }
    }

    @Override
    String obey(String[] words) throws Exception {
        int number = words.length > 1 ? Integer.parseInt(words[1]) : 0;
        switch (words[0]) {
            case "open" -> {
                return String.valueOf(open(number));
            }
            case "release" -> release();
            case "expect" -> expected = Messages.make(Messages.SMALL, number, 0);
            case "receive" -> receive();
            case "exchange" -> {
                return String.valueOf(exchange(number, Long.parseLong(words[2])));
            }
            case "wait" -> {
                return String.valueOf(waiting.run(number, Long.parseLong(words[2])));
            }
            case "first" -> {
                DuplexClient.Builder builder = DuplexClient.builder();
                long start = System.nanoTime();
                try (DuplexClient fresh = builder.build()) {
                    exchangeOnce(fresh, origin);
                    return String.valueOf(System.nanoTime() - start);
                }
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
        return "done";
    }

    /** Opens connections to the feed; returns the nanoseconds for all of them. */
    private long open(int connections) throws InterruptedException {
        Semaphore free = new Semaphore(CONCURRENT);
        ConnectRequest request = ConnectRequest.to(URI.create(origin + "/feed"));
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            free.acquire();
            CompletableFuture<?> unused = client.connectAsync(request).whenComplete((connection, problem) -> {
                if (problem == null) {
                    receiveOn(connection);
                } else {
                    failure = problem;
                }
                free.release();
            });
        }
        free.acquire(CONCURRENT);
        check();
        return System.nanoTime() - start;
    }

    private void receiveOn(DuplexConnection connection) {
        synchronized (feed) {
            feed.add(connection);
        }
        CompletableFuture<?> unused = connection.listen(new Receiver()).exceptionally(problem -> {
            failure = problem;
            return null;
        });
    }

    /** Counts the messages that are as they should be. */
    private final class Receiver implements DataListener {
        /** Bytes of the message under way. */
        private int done;

        @Override
        public @Nullable CompletionStage<?> onData(ByteBuffer piece) throws IOException {
            while (piece.hasRemaining()) {
                byte[] message = expected;
                int length = Math.min(piece.remaining(), message.length - done);
                if (length == 0
                        || !piece.slice(piece.position(), length).equals(ByteBuffer.wrap(message, done, length))) {
                    throw new IOException("not the message that was sent");
                }
                piece.position(piece.position() + length);
                done = (done + length) % message.length;
                if (done == 0) {
                    received.increment();
                }
            }
            return null;
        }
    }

    private void receive() throws InterruptedException {
        while (received.sum() < feed.size()) {
            check();
            Thread.sleep(1); // looks again: a counter tells nobody
        }
        received.reset();
    }

    private void release() throws Exception {
        List<CompletableFuture<?>> closing = new ArrayList<>();
        for (DuplexConnection connection : feed) {
            connection.closeOutput(); // the server ends its half when it sees this
            closing.add(connection.closed().toCompletableFuture());
        }
        CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).get();
        feed.clear();
        check();
    }

    private void check() {
        Throwable problem = failure;
        if (problem != null) {
            throw new AssertionError("a connection failed", problem);
        }
    }

    /** Plays ping-pong on some connections of their own at a time; returns the exchanges. */
    private long exchange(int connections, long nanos) throws Exception {
        if (exchangers.isEmpty()) {
            List<Exchanger> made = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                made.add(new Exchanger(client.connect(origin + "/echo")));
            }
            exchangers = made;
        }
        long end = System.nanoTime() + nanos;
        long before =
                exchangers.stream().mapToLong(exchanger -> exchanger.exchanges).sum();
        List<CompletableFuture<?>> runs = new ArrayList<>();
        for (Exchanger exchanger : exchangers) {
            runs.add(exchanger.run(end));
        }
        CompletableFuture.allOf(runs.toArray(CompletableFuture[]::new)).get();
        return exchangers.stream().mapToLong(exchanger -> exchanger.exchanges).sum() - before;
    }

    /** One connection's ping-pong. */
    private static final class Exchanger {
        private final DuplexConnection connection;
        private volatile long exchanges;
        private long end;
        private int missing;
        private byte[] message = new byte[0];
        private CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

        Exchanger(DuplexConnection connection) {
            this.connection = connection;
            CompletableFuture<?> unused = connection.listen(this::onData).whenComplete((done, problem) -> {
                if (problem != null) {
                    over.completeExceptionally(problem);
                }
            });
        }

        CompletableFuture<@Nullable Void> run(long end) {
            this.end = end;
            over = new CompletableFuture<>();
            CompletableFuture<@Nullable Void> result = over;
            send();
            return result;
        }

        private CompletionStage<?> send() {
            message = Messages.make(Messages.SMALL, exchanges, 0);
            missing = message.length;
            return connection.writeAsync(ByteBuffer.wrap(message));
        }

        private @Nullable CompletionStage<?> onData(ByteBuffer piece) throws IOException {
            int done = message.length - missing;
            missing -= piece.remaining();
            if (missing < 0 || !piece.equals(ByteBuffer.wrap(message, done, piece.remaining()))) {
                throw new IOException("not the message that was sent");
            }
            if (missing > 0) {
                return null;
            }
            exchanges++;
            if (System.nanoTime() < end) {
                return send();
            }
            over.complete(null);
            return null;
        }
    }
}
