package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.benchmarks.peer.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullUnmarked;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes the tables and the plots of a document from raw figures. A table is between the lines {@code <!-- begin FILE -->}
 * and {@code <!-- end FILE -->}, where FILE is the path of the figures without {@code .csv}.
 */
@Command(name = "report", description = "Makes the tables and plots of docs/benchmarks.md from the raw figures.")
@NullUnmarked // picocli fills it in
final class Report implements Callable<Integer> {
    private static final Pattern TABLE =
            Pattern.compile("(<!-- begin (?<file>\\S+) -->\n).*?(<!-- end \\k<file> -->)", Pattern.DOTALL);

    @Option(
            names = "--results",
            paramLabel = "DIR",
            defaultValue = "benchmarks/results",
            description = "Where the raw figures are. Default: ${DEFAULT-VALUE}.")
    private Path results;

    @Option(
            names = "--document",
            paramLabel = "FILE",
            defaultValue = "docs/benchmarks.md",
            description = "The document; plots go into the directory beside it that is called as it is. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Path document;

    @Option(
            names = "--baseline",
            split = ",",
            paramLabel = "PEER",
            defaultValue = "grpc-java,sockets,go",
            description = "What to compare with. Default: ${DEFAULT-VALUE}.")
    private List<String> baselines;

    @Override
    public Integer call() throws IOException {
        String text = Files.readString(document, UTF_8);
        StringBuilder made = new StringBuilder();
        Matcher matcher = TABLE.matcher(text);
        while (matcher.find()) {
            String tables = tables(matcher.group("file"));
            matcher.appendReplacement(made, Matcher.quoteReplacement(matcher.group(1) + tables + matcher.group(3)));
        }
        Files.writeString(document, matcher.appendTail(made).toString(), UTF_8);
        drawPlots();
        return 0;
    }

    private String tables(String name) throws IOException {
        Path file = results.resolve(name + ".csv");
        if (Files.notExists(file)) {
            return "Not measured yet.\n";
        }
        Results figures = Results.read(file);
        Workload workload = workload(file);
        List<String> surroundings = new ArrayList<>(figures.header());
        surroundings.remove(0);
        return (workload.isCurve()
                        ? Table.curve(workload, figures.readings())
                        : Table.markdown(workload.id(), workload.unit(), figures.readings(), baselines))
                + "\n" + String.join("; ", surroundings) + "\n";
    }

    /** The files are called as {@link Plan.Step#id} says. */
    private static Workload workload(Path file) {
        String name = file.getFileName().toString();
        return Workload.named(name.substring(0, name.lastIndexOf('-')));
    }

    private void drawPlots() throws IOException {
        String name = document.getFileName().toString();
        Plots plots = new Plots(document.resolveSibling(name.substring(0, name.lastIndexOf('.'))));
        for (Workload workload : Workload.values()) {
            for (Security security : Security.values()) {
                Path file =
                        results.resolve(workload.id() + "-" + security.name().toLowerCase(Locale.ROOT) + ".csv");
                if (Files.exists(file)) {
                    plots.draw(workload, security, Results.read(file).readings());
                }
            }
        }
    }
}
