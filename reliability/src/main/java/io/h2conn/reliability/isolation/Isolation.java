package io.h2conn.reliability.isolation;

import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.DuplexServer;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what connections whose applications misbehave cost one that behaves, all on one TCP connection. Slices alone and
 * slices beside them take turns; the result is the median, over all rounds, of the ratio within a round, so that what the
 * machine does meanwhile falls on both.
 */
@Command(
        name = "isolation",
        mixinStandardHelpOptions = true,
        description = "Measures what siblings that misbehave cost a connection on the same TCP connection.")
final class Isolation implements Callable<Integer> {
    @Option(names = "--rounds", description = "slices of each sort; ${DEFAULT-VALUE}", defaultValue = "7")
    private int rounds = 7;

    @Option(names = "--slice-ms", description = "milliseconds of a slice; ${DEFAULT-VALUE}", defaultValue = "1000")
    private int sliceMillis = 1_000;

    @Option(names = "--siblings", description = "how many misbehave; ${DEFAULT-VALUE}", defaultValue = "100")
    private int siblings = 100;

    private final AtomicReference<@Nullable BadSiblings> current = new AtomicReference<>();

    /**
     * Runs it.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Isolation()).execute(args));
    }

    /** Without a badness there are no siblings: what such a row shows is the noise of the measurement. */
    private record Row(
            @Nullable Badness badness, boolean clientIsBad, List<Probe.Result> alone, List<Probe.Result> beside) {
        String format() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s |",
                    name(),
                    change(Probe.Result::exchanges),
                    change(Probe.Result::median),
                    change(Probe.Result::p99),
                    change(Probe.Result::bulk));
        }

        private String name() {
            return badness == null
                    ? "none: the noise"
                    : (clientIsBad ? "client " : "server ")
                            + badness.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }

        private String change(ToDoubleFunction<Probe.Result> metric) {
            double[] ratios = new double[alone.size()];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = metric.applyAsDouble(beside.get(i)) / metric.applyAsDouble(alone.get(i));
            }
            return String.format(Locale.ROOT, "%+.1f %%", (Statistics.median(ratios) - 1) * 100);
        }
    }

    private static final class Statistics {
        static double median(double[] values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    @Override
    public Integer call() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .host("127.0.0.1")
                        .handle("/echo", connection -> connection.input().transferTo(connection.output()))
                        .handle("/sink", connection -> connection.input().transferTo(OutputStream.nullOutputStream()))
                        .handle("/treat", connection -> siblings().treat(connection))
                        .handle("/feed", connection -> siblings().feed(connection))
                        .closeTimeout(Duration.ofMillis(500))
                        .start();
                DuplexClient client = DuplexClient.builder()
                        .maxSessionsPerOrigin(1)
                        .maxConnectionsPerSession(1_000)
                        .build()) {
            measure(client, server.uri());
        }
        return 0;
    }

    private BadSiblings siblings() {
        BadSiblings now = current.get();
        if (now == null) {
            throw new IllegalStateException("a sibling came too late");
        }
        return now;
    }

    private void measure(DuplexClient client, URI uri) throws Exception {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(null, false, new ArrayList<>(), new ArrayList<>()));
        for (boolean clientIsBad : new boolean[] {false, true}) {
            for (Badness badness : Badness.values()) {
                rows.add(new Row(badness, clientIsBad, new ArrayList<>(), new ArrayList<>()));
            }
        }
        long nanos = TimeUnit.MILLISECONDS.toNanos(sliceMillis);
        try (DuplexConnection echo = client.connect(uri.resolve("/echo"));
                DuplexConnection sink = client.connect(uri.resolve("/sink"))) {
            Probe.measure(echo, sink, 3 * nanos); // warms up
            for (int round = 0; round < rounds; round++) {
                for (Row row : rows) {
                    if (round % 2 == 0) {
                        row.alone().add(Probe.measure(echo, sink, nanos));
                    }
                    row.beside().add(beside(row, client, uri, echo, sink, nanos));
                    if (round % 2 == 1) {
                        row.alone().add(Probe.measure(echo, sink, nanos));
                    }
                }
            }
        }
        report(rows);
    }

    private Probe.Result beside(
            Row row, DuplexClient client, URI uri, DuplexConnection echo, DuplexConnection sink, long nanos)
            throws Exception {
        Badness badness = row.badness();
        if (badness == null) {
            return Probe.measure(echo, sink, nanos);
        }
        try (BadSiblings bad = new BadSiblings(badness, siblings)) {
            current.set(bad);
            bad.open(client, uri.resolve(row.clientIsBad() ? "/feed" : "/treat"), row.clientIsBad(), siblings);
            bad.strike();
            return Probe.measure(echo, sink, nanos);
        }
    }

    private void report(List<Row> rows) {
        Row first = rows.get(0);
        Probe.Result alone = first.alone().get(first.alone().size() - 1);
        System.out.printf(
                Locale.ROOT,
                "%d rounds, slices of %d ms, %d siblings; alone: %.0f exchanges/s, median %.1f us, p99 %.1f us, bulk %.0f"
                        + " MB/s%n%n",
                rounds,
                sliceMillis,
                siblings,
                alone.exchanges(),
                alone.median() / 1e3,
                alone.p99() / 1e3,
                alone.bulk() / 1e6);
        System.out.println("| siblings | exchanges/s | median | p99 | bulk |");
        System.out.println("|---|---|---|---|---|");
        rows.forEach(row -> System.out.println(row.format()));
    }
}
