package io.h2conn.reliability;

import io.h2conn.ConnectionOptions;
import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.IdentityFiles;
import io.h2conn.client.DuplexClient;
import io.h2conn.internal.BufferPool;
import io.h2conn.server.Acceptor;
import io.h2conn.server.ConnectorOptions;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Readers and writers that come and go, on one to many TCP connections with one to many connections each, with deadlines,
 * interrupts, aborts and pauses; every byte is checked, and what takes far too long is found with the state of everything. In
 * rounds, each with another shape, in one process.
 */
@Command(
        name = "stress",
        mixinStandardHelpOptions = true,
        description = "Readers and writers that come and go; every byte is checked.")
final class Stress implements Callable<Integer> {
    private static final int MOST_WORKERS = 64;
    private static final int MOST_CONNECTIONS = 1_024;
    private static final int[] SOCKETS = {1, 1, 2, 5, 20, 100, 300};
    private static final int[] ON_EACH = {1, 1, 2, 5, 50, 1_024};
    private static final Duration TOO_LONG = Duration.ofSeconds(30);
    private static final int SHOWN = 20;

    @Option(names = "--minutes", description = "how long; fractions are possible (default: ${DEFAULT-VALUE})")
    private double minutes = 1;

    @Option(names = "--round", description = "seconds of a round (default: ${DEFAULT-VALUE})")
    private double round = 10;

    @Option(names = "--seed", description = "decides all that is random (default: the time)")
    private long seed = System.currentTimeMillis();

    @Option(names = "--no-direct", description = "with Jetty's selector only")
    private boolean noDirect;

    private final Queue<String> findings = new ConcurrentLinkedQueue<>();
    private long opened;
    private long acts;
    private long bytes;

    /** For tests. */
    static Stress of(double minutes, double round, long seed) {
        Stress stress = new Stress();
        stress.minutes = minutes;
        stress.round = round;
        stress.seed = seed;
        return stress;
    }

    /**
     * Runs it.
     *
     * @param args {@code --help} tells
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Stress()).execute(args));
    }

    Queue<String> findings() {
        return findings;
    }

    long acts() {
        return acts;
    }

    @Override
    public Integer call() throws Exception {
        Path identity = Files.createTempDirectory("stress");
        IdentityFiles.create(identity);
        System.setProperty(Identity.PROPERTY, identity.toString());
        System.out.println("seed " + seed + ", JDK " + Runtime.version());
        long end = System.nanoTime() + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
        for (long n = 0; System.nanoTime() < end && findings.isEmpty(); n++) {
            run(seed + n);
        }
        System.out.printf(
                Locale.ROOT,
                "%,d connections opened, %,d acts, %,d bytes there and back, %d findings%n",
                opened,
                acts,
                bytes,
                findings.size());
        findings.forEach(System.out::println);
        return findings.isEmpty() ? 0 : 1;
    }

    private void run(long roundSeed) throws IOException, GeneralSecurityException, InterruptedException {
        Random random = new Random(new SplittableRandom(roundSeed).nextLong()); // or close seeds would begin alike
        boolean tls = random.nextBoolean();
        int sockets = SOCKETS[random.nextInt(SOCKETS.length)];
        int onEach = Math.max(1, Math.min(ON_EACH[random.nextInt(ON_EACH.length)], MOST_CONNECTIONS / sockets));
        Duration poll = random.nextInt(8) == 0 ? Duration.ofNanos(20_000) : Duration.ZERO;
        Executor platformThreads = new Workers();
        ConnectorOptions connector =
                ConnectorOptions.defaults().directReads(!noDirect).busyPoll(poll);
        DuplexServer.Builder builder = DuplexServer.builder()
                .host("127.0.0.1")
                .connector(connector)
                .acceptor(
                        Acceptor.defaults().options(ConnectionOptions.defaults().executor(platformThreads)))
                .handle("/block", connection -> connection.input().transferTo(connection.output()))
                .handleAsync("/listen", connection -> connection.listen(connection::writeAsync));
        try (DuplexServer server = (tls ? builder.tls(Identity.context()) : builder).start();
                DuplexClient client = DuplexClient.builder()
                        .sslContext(Identity.context())
                        .directReads(!noDirect)
                        .busyPoll(poll)
                        .maxSessionsPerOrigin(sockets)
                        .maxConnectionsPerSession(onEach)
                        .build()) {
            Watchdog watchdog = new Watchdog(finding -> {
                System.err.println(server.dump(SHOWN));
                System.err.println(client.dump(SHOWN));
                findings.add("seed " + roundSeed + ": " + finding);
            });
            StressTable table = new StressTable(client, server.uri(), sockets * onEach, roundSeed);
            play(table, watchdog, random, Math.min(MOST_WORKERS, 1 + sockets * onEach));
            opened += table.opened();
            acts += table.acts();
            bytes += table.bytes();
            System.out.printf(
                    Locale.ROOT,
                    "seed %d: %s, %d TCP connections, %d connections on each, polls %d us: %,d acts%n",
                    roundSeed,
                    tls ? "TLS" : "clear",
                    sockets,
                    onEach,
                    poll.toNanos() / 1_000,
                    table.acts());
        }
        long limit = System.nanoTime() + TOO_LONG.toNanos();
        while (BufferPool.outstanding() > 0 && System.nanoTime() < limit) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        if (BufferPool.outstanding() > 0) {
            findings.add("seed " + roundSeed + ": " + BufferPool.outstanding() + " buffers are handed out still");
        }
    }

    private void play(StressTable table, Watchdog watchdog, Random random, int workers) throws InterruptedException {
        long end = System.nanoTime() + (long) (round * TimeUnit.SECONDS.toNanos(1));
        List<StressWorker> all = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            StressWorker worker = new StressWorker(table, watchdog, random.nextLong(), end, findings::add);
            all.add(worker);
            worker.start();
        }
        while (System.nanoTime() < end && findings.isEmpty()) {
            all.get(random.nextInt(workers)).interruptIfItReads();
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(5_000)));
        }
        for (StressWorker worker : all) {
            worker.join(2 * TOO_LONG.toMillis());
        }
        table.abandon();
    }

    /** Platform threads, on which readers may read their sockets themselves. */
    private static final class Workers implements Executor {
        @Override
        public void execute(Runnable task) {
            Thread thread = new Thread(task, "stress-handler");
            thread.setDaemon(true);
            thread.start();
        }
    }
}
