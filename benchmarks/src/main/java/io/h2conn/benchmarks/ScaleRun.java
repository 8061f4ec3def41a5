package io.h2conn.benchmarks;

import io.h2conn.benchmarks.Footprint.Fact;
import io.h2conn.benchmarks.run.ChildProcess;
import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What many connections cost. Servers and clients are in processes of their own; every byte that arrives is verified.
 *
 * <pre>
 *   idle CONNECTIONS SESSIONS embedded|mounted clear|tls    what a connection holds, how fast they open, a broadcast
 *   busy ROUNDS                                             the cost of an exchange beside more and more idle ones
 *   start ROUNDS                                            until the first connection, and the first byte
 * </pre>
 *
 * Without arguments all of it. With TLS, the environment names the directory of a key: see
 * {@link io.h2conn.benchmarks.peer.Identity}.
 */
public final class ScaleRun {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** What one process of clients holds. */
    private static final int CONNECTIONS_A_CLIENT = 25_000;

    private static final int CLASSES_SHOWN = 25;
    private static final int[] IDLE = {1, 10, 100, 1_000, 10_000};
    private static final int BUSY = 16;
    private static final int BUSY_SESSIONS = 20;
    private static final long SLICE_NANOS = 1_000_000_000;

    private ScaleRun() {}

    /**
     * Runs and prints tables.
     *
     * @param args as above
     * @throws Exception if something goes wrong
     */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            for (String kind : List.of("embedded", "mounted")) {
                for (String security : List.of("clear", "tls")) {
                    idle(10_000, 20, kind, security);
                }
            }
            idle(100_000, 100, "embedded", "clear");
            idle(100_000, 100, "embedded", "tls");
            busy(5);
            start(5);
            return;
        }
        int number = Integer.parseInt(args[1]);
        switch (args[0]) {
            case "idle" -> idle(number, Integer.parseInt(args[2]), args[3], args[4]);
            case "busy" -> busy(number);
            case "start" -> start(number);
            default -> throw new IllegalArgumentException("not idle, busy or start: " + args[0]);
        }
    }

    // ---------------------------------------------------------------- idle connections

    private static void idle(int connections, int sessions, String kind, String security) throws Exception {
        int processes = Math.min(sessions, (connections + CONNECTIONS_A_CLIENT - 1) / CONNECTIONS_A_CLIENT);
        List<ChildProcess> clients = new ArrayList<>();
        try (ChildProcess server = ChildProcess.java(ScaleServer.class)) {
            String port = greet(server, kind + " " + security)[0];
            try {
                for (int i = 0; i < processes; i++) {
                    ChildProcess client = ChildProcess.java(ScaleClient.class);
                    clients.add(client);
                    greet(client, client(port, security, sessions / processes, connections / sessions));
                    ask(
                            client,
                            "open "
                                    + Math.min(
                                            100, connections / sessions)); // so that what is made once is not counted
                    ask(client, "release");
                }
                awaitConnections(server, 0);
                measureIdle(connections, sessions, kind + ", " + security, server, clients);
            } finally {
                clients.forEach(ChildProcess::close);
            }
        }
    }

    private static void measureIdle(
            int connections, int sessions, String title, ChildProcess server, List<ChildProcess> clients)
            throws IOException {
        ChildProcess client = clients.get(0);
        int clientConnections = connections / clients.size();
        Footprint serverBefore = Footprint.parse(ask(server, "footprint"));
        Footprint clientBefore = Footprint.parse(ask(client, "footprint"));

        long start = System.nanoTime();
        askAll(clients, "open " + clientConnections);
        double openSeconds = (System.nanoTime() - start) / 1e9;
        awaitConnections(server, connections);
        Footprint serverAfter = Footprint.parse(ask(server, "footprint"));
        Footprint clientAfter = Footprint.parse(ask(client, "footprint"));

        System.out.printf("%n%s: %,d connections over %d TCP connections%n", title, connections, sessions);
        System.out.printf("opened %,.0f a second%n", connections / openSeconds);
        printFacts("server", serverBefore, serverAfter, connections);
        printFacts("client", clientBefore, clientAfter, clientConnections);
        printClasses("server", serverBefore, serverAfter, connections);
        printClasses("client", clientBefore, clientAfter, clientConnections);
        broadcast(connections, server, clients);
        Footprint afterTraffic = Footprint.parse(ask(server, "footprint"));
        System.out.printf(
                "server after the broadcasts: %.2f KB of heap a connection, %d buffers handed out%n",
                (afterTraffic.get(Fact.HEAP) - serverBefore.get(Fact.HEAP)) / 1024.0 / connections,
                afterTraffic.get(Fact.BUFFERS));
    }

    private static void printFacts(String side, Footprint before, Footprint after, int connections) {
        System.out.printf("%-24s %14s %14s %14s%n", side, "without", "with", "bytes each");
        for (Fact fact : Fact.values()) {
            long difference = after.get(fact) - before.get(fact);
            boolean bytes = fact.compareTo(Fact.RESIDENT) <= 0;
            System.out.printf(
                    "  %-22s %,14d %,14d %14s%n",
                    fact.name().toLowerCase(Locale.ROOT),
                    before.get(fact),
                    after.get(fact),
                    bytes ? String.format("%,.0f", (double) difference / connections) : "");
        }
    }

    private static void printClasses(String side, Footprint before, Footprint after, int connections) {
        System.out.printf("%s, bytes a connection by class%n", side);
        after.growthByClass(before).entrySet().stream()
                .limit(CLASSES_SHOWN)
                .forEach(growth ->
                        System.out.printf("  %8.1f  %s%n", (double) growth.getValue() / connections, growth.getKey()));
    }

    private static void broadcast(int connections, ChildProcess server, List<ChildProcess> clients) throws IOException {
        int rounds = 5;
        long cpu = cpu(server);
        long start = System.nanoTime();
        for (int n = 1; n <= rounds; n++) {
            askAll(clients, "expect " + n);
            ask(server, "broadcast " + n);
            askAll(clients, "receive");
        }
        System.out.printf(
                "%d broadcasts of 64 bytes to all, each message verified: %,.0f messages a second, %,.0f ns of server CPU"
                        + " each%n",
                rounds,
                (double) rounds * connections / ((System.nanoTime() - start) / 1e9),
                (double) (cpu(server) - cpu) / rounds / connections);
    }

    // ---------------------------------------------------------------- busy ones beside idle ones

    private static void busy(int rounds) throws Exception {
        try (ChildProcess server = ChildProcess.java(ScaleServer.class);
                ChildProcess client = ChildProcess.java(ScaleClient.class)) {
            String port = greet(server, "embedded clear")[0];
            int mostOfASession = (IDLE[IDLE.length - 1] + BUSY) / BUSY_SESSIONS + 1;
            greet(client, client(port, "clear", BUSY_SESSIONS, mostOfASession));
            Map<Integer, List<Double>> cpu = new TreeMap<>();
            for (int round = -1; round < rounds; round++) {
                int open = 0;
                for (int idle : IDLE) {
                    ask(client, "open " + (idle - open));
                    open = idle;
                    double nanos = exchange(server, client);
                    if (round >= 0) {
                        cpu.computeIfAbsent(idle, unused -> new ArrayList<>()).add(nanos);
                    }
                }
                ask(client, "release");
                awaitConnections(server, 0);
            }
            System.out.printf("%n%d busy connections, beside idle ones: CPU of both sides for each exchange%n", BUSY);
            System.out.printf("%10s %10s%n", "idle", "CPU ns");
            cpu.forEach((idle, nanos) -> System.out.printf("%,10d %,10.0f%n", idle, median(nanos)));
        }
    }

    private static double exchange(ChildProcess server, ChildProcess client) throws IOException {
        long cpu = cpu(server) + cpu(client);
        long exchanges = Long.parseLong(ask(client, "exchange " + BUSY + " " + SLICE_NANOS));
        return (double) (cpu(server) + cpu(client) - cpu) / exchanges;
    }

    // ---------------------------------------------------------------- starting

    private static void start(int rounds) throws Exception {
        List<Double> serverProcess = new ArrayList<>();
        List<Double> firstAnswer = new ArrayList<>();
        List<Double> serverStart = new ArrayList<>();
        List<Double> firstByte = new ArrayList<>();
        List<Double> laterFirstByte = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            long begin = System.nanoTime();
            try (ChildProcess server = ChildProcess.java(ScaleServer.class);
                    DuplexClient prober = DuplexClient.create()) {
                String[] greeting = greet(server, "embedded clear");
                serverProcess.add((System.nanoTime() - begin) / 1e6);
                ScaleClient.exchangeOnce(prober, "http://127.0.0.1:" + greeting[0]);
                firstAnswer.add((System.nanoTime() - begin) / 1e6);
                serverStart.add(Long.parseLong(greeting[1]) / 1e6);
                try (ChildProcess client = ChildProcess.java(ScaleClient.class)) {
                    firstByte.add(Long.parseLong(greet(client, client(greeting[0], "clear", 1, 1))[0]) / 1e6);
                    List<Double> later = new ArrayList<>();
                    for (int i = 0; i < 100; i++) {
                        later.add(Long.parseLong(ask(client, "first")) / 1e6);
                    }
                    laterFirstByte.add(median(later.subList(50, 100)));
                }
            }
        }
        System.out.printf("%nstarting, milliseconds%n");
        System.out.printf(
                "  %-60s %8.1f%n", "server, from the start of its process until it listens", median(serverProcess));
        System.out.printf(
                "  %-60s %8.1f%n", "of which DuplexServer.start(), the first in its JVM", median(serverStart));
        System.out.printf("  %-60s %8.1f%n", "until it has answered its first connection", median(firstAnswer));
        System.out.printf(
                "  %-60s %8.1f%n", "client, from create() to the first byte, in a new JVM", median(firstByte));
        System.out.printf("  %-60s %8.1f%n", "the same after 50 others in that JVM", median(laterFirstByte));
    }

    // ---------------------------------------------------------------- talking to processes

    private static String client(String port, String security, int sessions, int connectionsPerSession) {
        return port + " " + security + " " + sessions + " " + connectionsPerSession;
    }

    private static String[] greet(ChildProcess process, String line) throws IOException {
        return ask(process, line).split(" ");
    }

    private static String ask(ChildProcess process, String line) throws IOException {
        process.writeLine(line);
        return process.readLine(PATIENCE);
    }

    private static void askAll(List<ChildProcess> processes, String line) throws IOException {
        for (ChildProcess process : processes) {
            process.writeLine(line);
        }
        for (ChildProcess process : processes) {
            process.readLine(PATIENCE);
        }
    }

    private static void awaitConnections(ChildProcess server, int connections) throws IOException {
        long limit = System.nanoTime() + 60_000_000_000L;
        while (Integer.parseInt(ask(server, "connections")) != connections) {
            if (System.nanoTime() > limit) {
                throw new AssertionError("the server never had " + connections + " connections");
            }
        }
    }

    private static long cpu(ChildProcess process) throws IOException {
        return Long.parseLong(ask(process, "cpu"));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
