package io.h2conn.reliability;

import io.h2conn.benchmarks.run.Plot;
import io.h2conn.reliability.Sample.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run leaves behind: a summary in Markdown, the samples as CSV, and a plot for each thing that was measured. */
final class Summary {
    private static final int POINTS = 240;

    private final Path directory;
    private final Map<String, Series> processes;

    Summary(Path directory, Map<String, Series> processes) {
        this.directory = directory;
        this.processes = processes;
    }

    void writeSamples() throws IOException {
        for (Map.Entry<String, Series> process : processes.entrySet()) {
            List<String> lines = new ArrayList<>();
            StringBuilder head = new StringBuilder("millis");
            for (Metric metric : Metric.values()) {
                head.append(',').append(metric.name().toLowerCase(Locale.ROOT));
            }
            lines.add(head.toString());
            for (Sample sample : process.getValue().samples()) {
                lines.add(sample.format().replace("-", "").replace(' ', ','));
            }
            Files.write(directory.resolve(process.getKey() + ".csv"), lines);
        }
    }

    void plot() throws IOException {
        for (Metric metric : Metric.values()) {
            Plot plot = new Plot("Soak: " + metric.title)
                    .x(Plot.fromZero("minutes"))
                    .y(Plot.fromZero(metric.unit));
            processes.forEach((name, series) -> plot.add(name, series.line(metric, POINTS)));
            plot.save(directory.resolve(metric.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".svg"));
        }
    }

    /** Writes the summary, and returns it. */
    String write(List<String> facts, Ledger ledger, Flatness flatness, Relay relay, List<String> violations)
            throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("# Soak: " + (violations.isEmpty() ? "passed" : violations.size() + " VIOLATIONS"));
        lines.add("");
        facts.forEach(fact -> lines.add("* " + fact));
        lines.add("");
        counts(lines, ledger);
        resources(lines, flatness);
        lines.add("## Endings, faults, failures");
        lines.add("");
        lines.add("| what | how often |");
        lines.add("|---|---:|");
        ledger.endings().forEach((ending, count) -> lines.add("| planned ending " + ending + " | " + count + " |"));
        for (Fault fault : Fault.values()) {
            lines.add("| fault " + fault + " | " + relay.count(fault) + " |");
        }
        ledger.failures().forEach((failure, count) -> lines.add("| " + failure + " | " + count + " |"));
        lines.add("");
        if (!violations.isEmpty()) {
            lines.add("## Violations");
            lines.add("");
            violations.forEach(violation -> lines.add("* " + violation));
            lines.add("");
        }
        String text = String.join("\n", lines);
        Files.writeString(directory.resolve("summary.md"), text);
        return text;
    }

    private static void counts(List<String> lines, Ledger ledger) {
        Ledger.Counts clean = ledger.clean();
        Ledger.Counts faulty = ledger.faulty();
        lines.add("## What was sent and what became of it");
        lines.add("");
        lines.add("| | undisturbed sessions | disturbed sessions |");
        lines.add("|---|---:|---:|");
        row(lines, "connections", clean.connections, faulty.connections);
        row(lines, "of these orderly on both sides", clean.orderly, faulty.orderly);
        row(lines, "refused by the server", clean.refused, faulty.refused);
        row(lines, "cancelled by the client before connected", clean.cancelled, faulty.cancelled);
        row(lines, "not connected, typed", clean.notConnected, faulty.notConnected);
        row(lines, "messages sent", clean.messagesSent, faulty.messagesSent);
        row(lines, "messages received and right", clean.messagesReceived, faulty.messagesReceived);
        row(lines, "messages that the receiver did not want", clean.messagesUnwanted, faulty.messagesUnwanted);
        row(lines, "messages lost with a typed failure", clean.messagesLostTyped, faulty.messagesLostTyped);
        row(lines, "bytes accepted", clean.bytesAccepted, faulty.bytesAccepted);
        row(lines, "bytes received and right", clean.bytesReceived, faulty.bytesReceived);
        row(lines, "timeouts of single calls, after which all went on", clean.timeouts, faulty.timeouts);
        for (Rules.Fate fate : Rules.Fate.values()) {
            String words = fate.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            row(lines, "directions: " + words, clean.count(fate), faulty.count(fate));
        }
        lines.add("");
    }

    private static void row(List<String> lines, String name, long clean, long faulty) {
        lines.add(String.format(Locale.ROOT, "| %s | %,d | %,d |", name, clean, faulty));
    }

    private static void resources(List<String> lines, Flatness flatness) {
        lines.add("## What the processes held");
        lines.add("");
        lines.add("MiB, or numbers; medians of the second and the last quarter of the run.");
        lines.add("");
        lines.add(
                "| process | what | before the first connection | second quarter | last quarter | bound | after the last"
                        + " connection | verdict |");
        lines.add("|---|---|---:|---:|---:|---:|---:|---|");
        lines.addAll(flatness.rows());
        lines.add("");
    }
}
