package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Security;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries out a {@link Plan}: one slice at a time, with the processes of all peers kept up and warm. */
final class Measuring implements AutoCloseable {
    /** Rounds that warm up processes which have done nothing yet, before the others. */
    private static final int COLD = 3;

    private final Plan plan;
    private final Path directory;
    private final List<String> header;
    private final Progress progress;
    private final PrintStream tables;
    private final Map<Program, PeerPair> pairs = new LinkedHashMap<>();
    private @Nullable Security security;

    /**
     * A new one.
     *
     * @param directory where raw figures go
     * @param header what the files say about how they were measured
     * @param tables where tables go
     */
    Measuring(Plan plan, Path directory, List<String> header, Progress progress, PrintStream tables) {
        this.plan = plan;
        this.directory = directory;
        this.header = header;
        this.progress = progress;
        this.tables = tables;
    }

    /**
     * Measures, prints the tables and writes the files.
     *
     * @return what has failed
     */
    List<String> run() throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        for (Plan.Step step : plan.steps()) {
            if (step.security() != security) {
                close();
                security = step.security();
            }
            Readings readings = new Readings(List.of());
            for (Scenario scenario : step.scenarios()) {
                Readings own = measure(step, scenario);
                readings = readings.and(own);
                progress.clear();
                tables.println(Table.markdown(
                        step.id() + ", " + step.workload().title(),
                        step.workload().unit(),
                        own,
                        plan.baselines()));
                new Results(fileHeader(step), readings).write(directory.resolve(step.id() + ".csv"));
            }
            readings.failures().forEach(failure -> failures.add(step.id() + ", " + failure));
        }
        return failures;
    }

    private List<String> fileHeader(Plan.Step step) {
        List<String> lines = new ArrayList<>();
        lines.add(step.id() + ": " + step.workload().title());
        lines.addAll(header);
        return lines;
    }

    private Readings measure(Plan.Step step, Scenario scenario) throws InterruptedException {
        String what = step.id() + " " + String.join(", ", scenario.points());
        Pace pace = step.pace();
        boolean cold = step.programs().stream().anyMatch(program -> !pairs.containsKey(program));
        Rounds rounds = new Rounds(
                pace.warmUp() == 0 || !cold ? pace.warmUp() : pace.warmUp() + COLD,
                pace.rounds(),
                scenario.points(),
                round -> progress.next(what, round, pace.rounds(), scenario.time(pace)));
        long nanos = pace.slice().toNanos();
        for (Program program : step.programs()) {
            PeerPair pair = pairs.computeIfAbsent(program, p -> new PeerPair(p, step.security()));
            rounds.add(program.peer(), () -> measure(scenario, pair, nanos));
        }
        return rounds.run();
    }

    private Map<String, Slice> measure(Scenario scenario, PeerPair pair, long nanos) throws IOException {
        try {
            return scenario.run(pair, nanos);
        } catch (IOException | RuntimeException e) {
            progress.clear();
            System.err.println(pair.peer() + " has failed: " + e);
            pair.restart();
            throw e;
        }
    }

    @Override
    public void close() {
        pairs.values().forEach(PeerPair::close);
        pairs.clear();
    }
}
