package io.h2conn.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.run.ChildProcess;
import io.h2conn.benchmarks.run.Readings;
import io.h2conn.benchmarks.run.Rounds;
import io.h2conn.benchmarks.run.Slice;
import io.h2conn.benchmarks.run.Table;
import io.h2conn.benchmarks.run.Unit;
import io.h2conn.benchmarks.run.Usage;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.Broadcast;
import io.h2conn.codec.Codec;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.MessageConnection;
import io.h2conn.codec.MessageOutput;
import io.h2conn.codec.WhenFull;
import io.h2conn.server.DuplexServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A message of 64 bytes to many receivers over h2c: by {@link Broadcast}, with and without a receiver that has stopped
 * reading, beside a loop that writes the encoded bytes to each connection. Receivers are in a process of their own and
 * verify what arrives.
 */
public final class BroadcastRun {
    private static final int MESSAGES = 20;
    private static final int WARM_UP = 4;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final AtomicReference<@Nullable Throwable> FAILURE = new AtomicReference<>();

    private BroadcastRun() {}

    /**
     * Runs and prints a table.
     *
     * @param args the number of receivers, and of rounds
     * @throws Exception if something goes wrong
     */
    public static void main(String[] args) throws Exception {
        int receivers = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 11;
        LongAdder received = new LongAdder();
        try (ChildProcess server = ChildProcess.java(Sender.class);
                DuplexClient client = DuplexClient.builder()
                        .maxConnectionsPerSession(500)
                        .maxSessionsPerOrigin(receivers / 500 + 1)
                        .receiveWindow(64 * 1024)
                        .options(ConnectionOptions.defaults().nonBlockingCallbacks(true))
                        .build()) {
            String uri = "http://127.0.0.1:" + server.readLine(LIMIT);
            for (int i = 0; i < receivers; i++) {
                receive(client.connect(uri + "/feed"), received);
            }
            client.connect(uri + "/stopped"); // and never reads
            server.writeLine("prepare " + receivers);
            server.readLine(LIMIT);

            Readings readings = new Rounds(WARM_UP, rounds)
                    .add("a loop of writes", () -> measure("loop", server, receivers, received))
                    .add("Broadcast", () -> measure("all", server, receivers, received))
                    .add(
                            "Broadcast, one more that has stopped reading",
                            () -> measure("stopped", server, receivers, received))
                    .run();
            System.out.println(Table.markdown(
                    "64 bytes to " + receivers + " receivers, h2c",
                    Unit.MESSAGES,
                    readings,
                    List.of("a loop of writes")));
            if (!readings.failures().isEmpty()) {
                throw new IOException(String.join("; ", readings.failures()));
            }
            server.writeLine("report");
            System.out.println(server.readLine(LIMIT));
        }
    }

    private static void receive(DuplexConnection connection, LongAdder received) {
        AtomicInteger next = new AtomicInteger();
        CompletableFuture<?> unused = MessageConnection.of(connection, Codecs.bytes())
                .listen(message -> {
                    Payload.check(message, next.getAndIncrement());
                    received.increment();
                    return null;
                })
                .exceptionally(failure -> {
                    FAILURE.compareAndSet(null, failure); // at the end, too, when the client is closed
                    return null;
                });
    }

    private static Map<String, Slice> measure(String way, ChildProcess server, int receivers, LongAdder received)
            throws IOException {
        long total = (long) MESSAGES * receivers;
        long target = received.sum() + total;
        Duration serverCpu = server.cpu();
        Duration clientCpu = ChildProcess.ownCpu();
        long start = System.nanoTime();
        server.writeLine(way);
        while (received.sum() < target) {
            Throwable failure = FAILURE.get();
            if (failure != null || System.nanoTime() - start > 60e9) {
                throw new AssertionError((target - received.sum()) + " messages did not arrive", failure);
            }
            LockSupport.parkNanos(200_000);
        }
        long nanos = System.nanoTime() - start;
        server.readLine(LIMIT);
        Slice slice = new Slice(
                total,
                nanos,
                new Usage(ChildProcess.ownCpu().minus(clientCpu).toNanos(), Double.NaN),
                new Usage(server.cpu().minus(serverCpu).toNanos(), Double.NaN));
        return Map.of("", slice);
    }

    /** The server, which sends when it is told to. */
    static final class Sender {
        private final Counting codec = new Counting();
        private final List<DuplexConnection> connections = new CopyOnWriteArrayList<>();
        private final CompletableFuture<DuplexConnection> stopped = new CompletableFuture<>();
        private final Broadcast<byte[]> all = broadcast();
        private final Broadcast<byte[]> withStopped = broadcast();
        private Broadcast.@Nullable Receiver<byte[]> slow;
        private long next;

        private Broadcast<byte[]> broadcast() {
            return Broadcast.builder(codec).build(); // all of a slice fit into a queue
        }

        /**
         * Prints the port, and sends until its input ends.
         *
         * @param args none
         * @throws Exception if the server cannot start
         */
        public static void main(String[] args) throws Exception {
            Sender sender = new Sender();
            try (DuplexServer server = DuplexServer.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .handleAsync("/feed", connection -> {
                        sender.connections.add(connection);
                        return connection.closed();
                    })
                    .handleAsync("/stopped", connection -> {
                        sender.stopped.complete(connection);
                        return connection.closed();
                    })
                    .start()) {
                System.out.println(server.uri().getPort());
                BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
                for (String line = input.readLine(); line != null; line = input.readLine()) {
                    System.out.println(sender.obey(line));
                }
            }
        }

        private String obey(String command) throws Exception {
            String[] words = command.split(" ");
            switch (words[0]) {
                case "prepare" -> prepare(Integer.parseInt(words[1]));
                case "loop" -> loop();
                case "all" -> send(all);
                case "stopped" -> send(withStopped);
                case "report" -> {
                    return codec.encoded + " messages encoded for " + next + " sent, "
                            + (slow == null ? 0 : slow.dropped())
                            + " dropped for the receiver that has stopped reading";
                }
                default -> throw new IllegalArgumentException(command);
            }
            return "done";
        }

        /** Waits for all receivers, and fills up the one that does not read. */
        private void prepare(int receivers) throws Exception {
            while (connections.size() < receivers) {
                LockSupport.parkNanos(1_000_000);
            }
            for (DuplexConnection connection : connections) {
                MessageConnection<byte[], byte[]> messages = MessageConnection.of(connection, codec);
                all.add(messages);
                withStopped.add(messages);
            }
            slow = withStopped.add(MessageConnection.of(stopped.get(), codec), WhenFull.DROP_OLDEST);
            while (slow.dropped() == 0) {
                slow.send(new byte[Payload.BYTES]);
            }
            codec.encoded = 0;
        }

        private void send(Broadcast<byte[]> broadcast) throws IOException {
            for (int i = 0; i < MESSAGES; i++) {
                broadcast.send(Payload.make(next++));
            }
        }

        private void loop() throws IOException {
            for (int i = 0; i < MESSAGES; i++) {
                MessageOutput output = new MessageOutput(Payload.BYTES + Integer.BYTES);
                output.writeInt(Payload.BYTES);
                output.write(Payload.make(next++));
                codec.encoded++;
                ByteBuffer bytes = output.toByteBuffer();
                for (DuplexConnection connection : connections) {
                    connection.write(bytes.duplicate());
                }
            }
        }
    }

    /** Counts how often it encodes. */
    private static final class Counting implements Codec<byte[]> {
        private long encoded;

        @Override
        public void encode(byte[] message, MessageOutput output) throws IOException {
            encoded++;
            Codecs.bytes().encode(message, output);
        }

        @Override
        public byte[] decode(ByteBuffer message) throws IOException {
            return Codecs.bytes().decode(message);
        }
    }
}
