package io.h2conn.reliability;

import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.IdentityFiles;
import io.h2conn.benchmarks.run.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a server and a client, each in a process of its own, and a relay between them, and judges what they say. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Thousands of connections that come and go, with every kind of ending and random faults. Every byte is"
                        + " checked. Ends with 1 if something was not as it must be.")
final class Soak implements Callable<Integer> {
    private static final Duration STARTING = Duration.ofMinutes(1);
    /** Longer than a connection may take, and the closing of the clients. */
    private static final Duration DRAINING = Duration.ofMinutes(5);

    private static final long COLLECT_MILLIS = 60_000;
    private static final long SAMPLE_MILLIS = 5_000;

    @Option(names = "--minutes", description = "how long new connections begin; fractions are possible")
    private double minutes = 1;

    @Option(names = "--jdk", description = "directory of the JDK of server and client (default: this one)")
    private Path jdk = Path.of(System.getProperty("java.home"));

    @Option(names = "--seed", description = "decides all that is random (default: the time)")
    private long seed = System.currentTimeMillis();

    @Option(names = "--out", description = "directory of the results (default: reliability/target/soak)")
    private Path out = Path.of("reliability", "target", "soak");

    @Option(names = "--rate", description = "new connections a second (default: ${DEFAULT-VALUE})")
    private double rate = 40;

    @Option(names = "--max-open", description = "open connections at most (default: ${DEFAULT-VALUE})")
    private int maxOpen = 500;

    @Option(
            names = "--alone",
            description = "few connections share a TCP connection, so that many readers read their sockets themselves")
    private boolean alone;

    @Option(names = "--settle", description = "seconds after the last connection before the last sample")
    private double settle = 75;

    @Option(
            names = "--plant",
            description = "spoils a byte now and then, to show that the checker notices: ${COMPLETION-CANDIDATES}")
    private @Nullable Plant plant;

    /** Ends the run before its time. */
    private Predicate<Ledger> enough = ledger -> false;

    private boolean abandons;

    private final Map<String, Series> series = new LinkedHashMap<>();

    /** A run with few connections, for tests. */
    static Soak of(double minutes, long seed, Path out) {
        Soak soak = new Soak();
        soak.minutes = minutes;
        soak.seed = seed;
        soak.out = out;
        soak.settle = 1;
        return soak;
    }

    Soak plant(Plant spoils) {
        plant = spoils;
        return this;
    }

    /** No more connections begin when this is true. */
    Soak until(Predicate<Ledger> over) {
        enough = over;
        return this;
    }

    /** When it is enough, the processes are killed, with all that is open. */
    Soak abandon() {
        abandons = true;
        return this;
    }

    /**
     * Runs it.
     *
     * @param args {@code --help} tells
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Soak())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Result result = run();
        System.out.println(result.summary);
        System.out.println("written to " + out.toAbsolutePath());
        return result.violations.isEmpty() ? 0 : 1;
    }

    /**
     * What came of it.
     *
     * @param ledger the counts
     * @param planted bytes spoilt
     * @param violations all of them
     * @param summary in Markdown
     */
    record Result(Ledger ledger, long planted, List<String> violations, String summary) {}

    Result run() throws IOException, GeneralSecurityException, InterruptedException, TimeoutException {
        Files.createDirectories(out);
        Path identity = out.resolve("identity").toAbsolutePath();
        if (Files.notExists(identity)) {
            IdentityFiles.create(identity);
        }
        Ledger ledger = new Ledger(seed);
        Instant begun = Instant.now();
        try (Child server = start("server", ServerProcess.class, identity, ledger);
                Child client = start("client", ClientProcess.class, identity, ledger)) {
            server.say(new Settings(seed, rate, maxOpen, alone, List.of()).format());
            String[] ports = server.await("ready", STARTING).split(" ", 2);
            try (Relay relay =
                    new Relay(seed, Integer.parseInt(ports[0]), Integer.parseInt(ports[1]), plant, ledger::violate)) {
                client.say(new Settings(seed, rate, maxOpen, alone, relay.ports()).format());
                client.await("ready", STARTING);
                long millis = drive(server, client, relay, ledger);
                return report(ledger, relay, begun, millis);
            }
        }
    }

    private Child start(String name, Class<?> main, Path identity, Ledger ledger) throws IOException {
        Series samples = new Series();
        series.put(name, samples);
        List<String> command = List.of(
                jdk.resolve("bin").resolve("java").toString(),
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-D" + Identity.PROPERTY + "=" + identity,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                // Handlers that throw are part of the plan.
                "-Dorg.slf4j.simpleLogger.log.io.h2conn.server.DuplexHandler=error",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
        Path errors = out.resolve(name + ".log");
        return new Child(name, ChildProcess.start(name, command, errors), ledger, samples);
    }

    /** Returns how long new connections have begun. */
    private long drive(Child server, Child client, Relay relay, Ledger ledger)
            throws InterruptedException, IOException, TimeoutException {
        server.say("collect");
        client.say("collect");
        client.say("go");
        long start = System.nanoTime();
        long length = (long) (minutes * 60_000);
        long every = Math.max(250, Math.min(SAMPLE_MILLIS, length / 20));
        long collectEvery = Math.max(every, Math.min(COLLECT_MILLIS, length / 8));
        long nextCollection = collectEvery;
        for (long at = every; at <= length; at += every) {
            TimeUnit.NANOSECONDS.sleep(start + TimeUnit.MILLISECONDS.toNanos(at) - System.nanoTime());
            boolean collect = at >= nextCollection;
            nextCollection += collect ? collectEvery : 0;
            String word = collect ? "collect" : "sample";
            server.say(word);
            client.say(word);
            ledger.judgeOld(false);
            if (enough.test(ledger)) {
                length = at;
                break;
            }
            if (server.hasEnded() || client.hasEnded()) {
                ledger.violate("a process has ended early; see its log");
                return at;
            }
        }
        if (abandons) {
            server.kill();
            client.kill();
            return length;
        }
        relay.relent();
        client.say("drain");
        client.await("drained", DRAINING);
        TimeUnit.MILLISECONDS.sleep((long) (settle * 1_000));
        client.say("collect");
        server.say("collect");
        client.say("quit");
        client.awaitEnd(STARTING);
        server.say("quit");
        server.awaitEnd(STARTING);
        ledger.judgeOld(true);
        return length;
    }

    private Result report(Ledger ledger, Relay relay, Instant begun, long millis) throws IOException {
        Flatness flatness = new Flatness(millis, (long) (settle * 1_000));
        series.forEach(flatness::judge);
        if (ledger.judged() == 0) {
            ledger.violate("nothing was judged");
        }
        List<String> violations = new ArrayList<>(ledger.violations());
        violations.addAll(flatness.violations());
        String command = String.format(
                Locale.ROOT,
                "reliability/run soak --minutes %s --jdk %s --seed %d --rate %s --max-open %d --settle %s%s%s",
                minutes,
                jdk,
                seed,
                rate,
                maxOpen,
                settle,
                alone ? " --alone" : "",
                plant == null ? "" : " --plant " + plant.name().toLowerCase(Locale.ROOT));
        List<String> facts = new ArrayList<>(List.of(
                "command: `" + command + "`",
                "seed: " + seed,
                "JDK of server and client: " + release(),
                "begun " + begun.truncatedTo(java.time.temporal.ChronoUnit.SECONDS) + ", " + minutes
                        + " minutes of new connections",
                "connections judged: " + ledger.judged() + "; TCP connections: " + relay.accepted(),
                "violations: "
                        + (ledger.violationCount() + flatness.violations().size()) + " (lost silently, duplicated,"
                        + " reordered and corrupted directions are counted below)"));
        if (plant != null) {
            facts.add("bytes planted, " + plant.name().toLowerCase(Locale.ROOT) + ": " + relay.planted());
        }
        series.forEach((name, each) -> {
            Long cpu = each.last(Sample.Metric.CPU);
            facts.add("processor time of the " + name + ": " + (cpu == null ? "-" : cpu / 1000) + " s");
        });
        facts.add(
                "processor time of relay and checker: " + ChildProcess.ownCpu().toSeconds() + " s");
        Summary summary = new Summary(out, series);
        summary.writeSamples();
        summary.plot();
        return new Result(
                ledger, relay.planted(), violations, summary.write(facts, ledger, flatness, relay, violations));
    }

    private String release() throws IOException {
        Path release = jdk.resolve("release");
        return Files.exists(release)
                ? Files.readAllLines(release).stream()
                        .filter(line -> line.startsWith("JAVA_RUNTIME_VERSION=") || line.startsWith("JAVA_VERSION="))
                        .map(line -> line.replaceAll(".*=|\"", ""))
                        .reduce((first, second) -> second)
                        .orElse("unknown")
                : "unknown";
    }
}
