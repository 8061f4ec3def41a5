package io.h2conn.benchmarks.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Markdown tables of what was measured, with columns padded, so that they can be read as they are. */
public final class Table {
    /** What a row is about. */
    private record Row(String peer, Readings own, Readings all) {}

    private record Column(String title, Function<Row, String> cell) {}

    private final Unit unit;
    private final Readings readings;
    private final List<Column> columns = new ArrayList<>();

    private Table(Unit unit, Readings readings, List<String> baselines) {
        this.unit = unit;
        this.readings = readings;
        columns.add(new Column("peer", Row::peer));
        columns.add(new Column(
                unit.plural() + "/s",
                row -> number(row.own.values(Slice::perSecond).median() / unit.operations())));
        for (String baseline : baselines) {
            addRatios(baseline);
        }
        add("CPU us, client + server", " + ", Slice::clientCpu, Slice::serverCpu, 1e-3 * unit.operations());
        add("waits, client / server", " / ", Slice::clientWaits, Slice::serverWaits, unit.operations());
        add("p50 / p99 us", " / ", slice -> slice.latency(50), slice -> slice.latency(99), 1e-3);
        add("heap / resident bytes each", " / ", Slice::heapEach, Slice::residentEach, 1);
    }

    /**
     * A table for each point.
     *
     * @param title above each
     * @param unit what operations are
     * @param readings what was measured
     * @param baselines peers to compare with; those that were not measured are left out
     * @return the tables
     */
    public static String markdown(String title, Unit unit, Readings readings, List<String> baselines) {
        StringBuilder text = new StringBuilder();
        for (String point : readings.points()) {
            Readings own = readings.at(point);
            List<String> present =
                    baselines.stream().filter(own.peers()::contains).toList();
            text.append(text.isEmpty() ? "" : "\n")
                    .append("**")
                    .append(title)
                    .append(point.isEmpty() ? "" : ": " + point)
                    .append("** (")
                    .append(own.rounds())
                    .append(own.rounds() == 1 ? " round" : " rounds")
                    .append(")\n\n")
                    .append(new Table(unit, own, present).rows());
        }
        return text.toString();
    }

    /**
     * One table for all points of a curve, a column for each peer, a row for each point.
     *
     * @param workload whose points are numbers
     */
    static String curve(Workload workload, Readings readings) {
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(readings.peers());
        lines.add(head);
        for (String point : readings.points()) {
            List<String> line = new ArrayList<>(List.of(number(Double.parseDouble(point))));
            for (String peer : readings.peers()) {
                Readings own = readings.at(point).of(peer);
                line.add(
                        workload == Workload.IDLE
                                ? number(own.values(Slice::heapEach).median()) + " / "
                                        + number(own.values(Slice::residentEach).median())
                                : number(own.values(Slice::perSecond).median()
                                        / workload.unit().operations()));
            }
            lines.add(line);
        }
        return align(lines) + failures(readings);
    }

    private void addRatios(String baseline) {
        columns.add(new Column("rate : " + baseline, row -> {
            Spread ratios = row.own.ratios(row.all.of(baseline), Slice::perSecond);
            return ratios.isEmpty() ? "-" : format("%.2f (%.2f to %.2f)", ratios.median(), ratios.min(), ratios.max());
        }));
        columns.add(new Column("CPU : " + baseline, row -> {
            Spread ratios = row.own.ratios(row.all.of(baseline), Slice::cpu);
            return ratios.isEmpty() ? "-" : format("%.2f", ratios.median());
        }));
    }

    /** Adds a column with two values, if anything of it was measured. */
    private void add(
            String title, String between, ToDoubleFunction<Slice> first, ToDoubleFunction<Slice> second, double scale) {
        if (!readings.values(first).isEmpty() || !readings.values(second).isEmpty()) {
            columns.add(new Column(
                    title,
                    row -> number(row.own.values(first).median() * scale)
                            + between
                            + number(row.own.values(second).median() * scale)));
        }
    }

    private String rows() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::title).toList());
        for (String peer : readings.peers()) {
            Row row = new Row(peer, readings.of(peer), readings);
            lines.add(columns.stream().map(column -> column.cell.apply(row)).toList());
        }
        return align(lines) + failures(readings);
    }

    private static String failures(Readings readings) {
        return readings.failures().stream()
                .map(failure -> "\n* failed: " + failure + "\n")
                .collect(Collectors.joining());
    }

    /** The first line is the head. */
    private static String align(List<List<String>> lines) {
        int[] widths = new int[lines.get(0).size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            text.append('|');
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - line.get(i).length());
                text.append(' ')
                        .append(i == 0 ? line.get(i) + padding : padding + line.get(i))
                        .append(" |");
            }
            text.append('\n');
            if (line == lines.get(0)) {
                text.append('|');
                for (int i = 0; i < widths.length; i++) {
                    text.append(i == 0 ? "-".repeat(widths[i] + 2) : "-".repeat(widths[i] + 1) + ":")
                            .append('|');
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    /** Three digits that count. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        if (size >= 100) {
            double unit = Math.pow(10, Math.floor(Math.log10(size)) - 2);
            return format("%,.0f", Math.round(value / unit) * unit);
        }
        return format(size >= 10 ? "%.1f" : "%.2f", value);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
