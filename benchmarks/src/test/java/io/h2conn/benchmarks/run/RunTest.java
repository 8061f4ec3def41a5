package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole program with real processes, for a moment: what it measures then means nothing. */
@Timeout(180)
class RunTest {
    @TempDir
    Path directory;

    private String run(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--module", "", "--results", directory.toString()));
        all.addAll(List.of("--rounds", "1", "--warm-up", "0", "--slice", "20ms"));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream console = System.out;
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            String[] array = all.toArray(String[]::new);
            assertThat(Main.commandLine(array).execute(array)).isZero();
        } finally {
            System.setOut(console);
        }
        return printed.toString(UTF_8);
    }

    private List<String> files(Path in) throws Exception {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void everyWorkloadGivesATableAndAFileAndAReport() throws Exception {
        // All but w5, which is like idle but too large for this.
        String tables = run(
                "w1",
                "w1c",
                "w2",
                "w3",
                "w4",
                "w4-paced",
                "w6",
                "sizes",
                "connections",
                "idle",
                "--points",
                "1/1,16/16,up,down,both,64 bytes,100 us,16 at a time,16,1048576,1024,1000",
                "--peers",
                "h2conn-embedded,grpc-java",
                "--security",
                "clear");
        run("w1", "--points", "1/1", "--peers", "h2conn-embedded,grpc-java,sockets", "--security", "tls");

        assertThat(tables)
                .contains("w1-clear, ", ": 16/16**", "w2-clear, ", ": down**", "100 us", "| grpc-java")
                .doesNotContain("failed");
        assertThat(files(directory))
                .containsExactly(
                        "connections-clear.csv",
                        "idle-clear.csv",
                        "sizes-clear.csv",
                        "w1-clear.csv",
                        "w1-tls.csv",
                        "w1c-clear.csv",
                        "w2-clear.csv",
                        "w3-clear.csv",
                        "w4-clear.csv",
                        "w4-paced-clear.csv",
                        "w6-clear.csv");
        assertThat(Files.readString(directory.resolve("w1-clear.csv")))
                .as("no paths of this machine")
                .doesNotContain(directory.toString());
        report();
    }

    private void report() throws Exception {
        Path document = directory.resolve("made.md");
        Files.writeString(document, """
                before
                <!-- begin w1-tls -->
                an old table
                <!-- end w1-tls -->
                <!-- begin sizes-clear -->
                <!-- end sizes-clear -->
                <!-- begin w5-tls -->
                <!-- end w5-tls -->
                after
                """);

        assertThat(Main.commandLine()
                        .execute("report", "--results", directory.toString(), "--document", document.toString()))
                .isZero();

        assertThat(Files.readString(document))
                .startsWith("before\n<!-- begin w1-tls -->\n**w1: 1/1**")
                .contains(
                        "| sockets",
                        "rate : sockets",
                        "| 1,050,000 |",
                        "<!-- begin w5-tls -->\nNot measured yet.\n<!--")
                .endsWith("-->\nafter\n")
                .doesNotContain("an old table");
        assertThat(files(directory.resolve("made")))
                .containsExactly(
                        "connections-clear.svg",
                        "idle-heap-clear.svg",
                        "idle-resident-clear.svg",
                        "latency-clear.svg",
                        "latency-tls.svg",
                        "sizes-clear.svg");
        assertThat(Files.readString(directory.resolve("made").resolve("sizes-clear.svg")))
                .contains("<svg", "grpc-java", "bytes of a message");
    }

    @Test
    void whatDoesNotExistIsRefused() {
        assertThat(Main.commandLine().execute("w7", "--module", "")).isEqualTo(2);
        assertThat(Main.commandLine().execute("w1", "--module", "", "--peers", "smoke-signals"))
                .isEqualTo(2);
    }
}
