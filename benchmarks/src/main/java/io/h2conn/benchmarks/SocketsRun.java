package io.h2conn.benchmarks;

import io.h2conn.benchmarks.Footprint.Fact;
import io.h2conn.benchmarks.run.ChildProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What direct reads are worth, and cost, on many TCP connections: some that are idle, with a few connections on each, and some
 * with one connection on which threads at both ends wait for each other. Servers and clients with and without direct reads
 * are up at the same time and take turns; every byte is verified.
 *
 * <pre>
 *   TCP-CONNECTIONS CONNECTIONS-ON-EACH BUSY-TCP-CONNECTIONS ROUNDS clear|tls
 * </pre>
 *
 * With TLS, the environment names the directory of a key: see {@link io.h2conn.benchmarks.peer.Identity}.
 */
public final class SocketsRun {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long SLICE_NANOS = 1_000_000_000;

    private SocketsRun() {}

    /** A server and its client. */
    private static final class Side implements AutoCloseable {
        private final String name;
        private final ChildProcess server = ChildProcess.java(ScaleServer.class);
        private final ChildProcess client = ChildProcess.java(ScaleClient.class);
        private final List<Double> rates = new ArrayList<>();
        private final List<Double> cpu = new ArrayList<>();

        Side(boolean direct, String security, int sessions, int connectionsOnEach) throws IOException {
            name = direct ? "direct" : "embedded";
            String port = ask(server, name + " " + security).split(" ")[0];
            ask(client, port + " " + security + " " + sessions + " " + connectionsOnEach + (direct ? " direct" : ""));
        }

        void measure(int busy) throws IOException {
            long before = cpu();
            long start = System.nanoTime();
            double exchanges = Double.parseDouble(ask(client, "wait " + busy + " " + SLICE_NANOS));
            rates.add(exchanges * 1e9 / (System.nanoTime() - start));
            cpu.add((cpu() - before) / exchanges);
        }

        private long cpu() throws IOException {
            return Long.parseLong(ask(server, "cpu")) + Long.parseLong(ask(client, "cpu"));
        }

        void printFacts(String when) throws IOException {
            for (ChildProcess process : List.of(server, client)) {
                Footprint footprint = Footprint.parse(ask(process, "footprint"));
                System.out.printf(
                        Locale.ROOT,
                        "%-10s %-8s %-28s %,14d heap %,16d resident %,8d threads %,8d files%n",
                        name,
                        process == server ? "server" : "client",
                        when,
                        footprint.get(Fact.HEAP),
                        footprint.get(Fact.RESIDENT),
                        footprint.get(Fact.THREADS),
                        footprint.get(Fact.FILES));
            }
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    /**
     * Runs and prints.
     *
     * @param args as above
     * @throws Exception if something goes wrong
     */
    public static void main(String[] args) throws Exception {
        int sessions = Integer.parseInt(args[0]);
        int onEach = Integer.parseInt(args[1]);
        int busy = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        int most = Math.max(sessions, busy);
        try (Side embedded = new Side(false, args[4], most, onEach);
                Side direct = new Side(true, args[4], most, onEach)) {
            for (Side side : List.of(embedded, direct)) {
                ask(side.client, "open " + sessions * onEach);
                side.printFacts("with idle connections");
            }
            for (int round = -2; round < rounds; round++) {
                List<Side> order = round % 2 == 0 ? List.of(embedded, direct) : List.of(direct, embedded);
                for (Side side : order) {
                    side.measure(busy);
                    if (round < 0) {
                        side.rates.clear();
                        side.cpu.clear();
                    }
                }
            }
            embedded.printFacts("a moment after exchanges");
            direct.printFacts("a moment after exchanges");
            System.out.printf(
                    Locale.ROOT,
                    "%,d idle connections on %,d TCP connections, %,d busy ones on as many; %s, %d rounds%n"
                            + "embedded %,.0f exchanges a second, %.1f us of CPU each; direct : embedded, median of the rounds:"
                            + " rate %.2f, CPU %.2f%n",
                    sessions * onEach,
                    sessions,
                    busy,
                    args[4],
                    rounds,
                    median(embedded.rates),
                    median(embedded.cpu) / 1e3,
                    median(ratios(direct.rates, embedded.rates)),
                    median(ratios(direct.cpu, embedded.cpu)));
        }
    }

    private static List<Double> ratios(List<Double> above, List<Double> below) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < above.size(); i++) {
            ratios.add(above.get(i) / below.get(i));
        }
        return ratios;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String ask(ChildProcess process, String line) throws IOException {
        process.writeLine(line);
        return process.readLine(PATIENCE);
    }
}
