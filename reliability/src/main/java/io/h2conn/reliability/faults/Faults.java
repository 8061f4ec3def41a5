package io.h2conn.reliability.faults;

import io.h2conn.benchmarks.peer.IdentityFiles;
import io.h2conn.reliability.faults.Scene.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes one fault after the other under a server and a client, and prints what both saw as a Markdown table. */
@Command(
        name = "faults",
        mixinStandardHelpOptions = true,
        description = {
            "Breaks processes and networks under a server and a client, and tells what each of the two saw, and when.",
            "Fails if one is not as docs/reliability.md promises."
        })
final class Faults implements Callable<Integer> {
    @Option(names = "--heartbeat", description = "milliseconds, of both sides; ${DEFAULT-VALUE}", defaultValue = "1000")
    private long heartbeat = 1_000;

    @Option(names = "--only", description = "a fault by its name, or several: ${COMPLETION-CANDIDATES}")
    private List<Fault> only = List.of();

    @Option(names = "--tls", description = "with TLS")
    private boolean tls;

    @Option(names = "--keep-logs", description = "where to leave the processes' logs")
    private @Nullable Path logs;

    /**
     * Runs it.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Faults()).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<String> violations = new ArrayList<>();
        String noNetwork = Network.unavailable();
        Path directory = logs == null ? Files.createTempDirectory("h2conn-faults") : logs;
        try {
            IdentityFiles.create(Files.createDirectories(directory.resolve("identity")));
            System.out.println(Row.heading());
            for (Fault fault : only.isEmpty() ? List.of(Fault.values()) : only) {
                if (fault.wire == Wire.NETWORK && noNetwork != null) {
                    System.out.println(Row.notRun(fault.title(tls), noNetwork));
                    continue;
                }
                Path out = Files.createDirectories(directory.resolve(fault.option()));
                Row row = fault.run(new Scene.Settings(heartbeat, tls, out, directory.resolve("identity")));
                System.out.println(row.format());
                violations.addAll(row.violations());
            }
        } finally {
            if (logs == null) {
                delete(directory);
            }
        }
        violations.forEach(violation -> System.err.println("violated: " + violation));
        return violations.isEmpty() ? 0 : 1;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
