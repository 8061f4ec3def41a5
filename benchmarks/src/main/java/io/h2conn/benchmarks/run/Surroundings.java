package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/** Where figures come from, as far as they depend on it. */
final class Surroundings {
    private Surroundings() {}

    /** Lines for the head of a file. */
    static List<String> describe(Java java, String... arguments) throws IOException {
        return List.of(
                "date: " + LocalDate.now(ZoneOffset.UTC),
                "java: " + version(java),
                "system: " + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores",
                // Where a JDK is on this machine says nothing about the figures.
                "command: benchmarks/run " + String.join(" ", arguments).replaceAll("(?<=^|[ =:])/\\S*", "DIR"));
    }

    private static String version(Java java) throws IOException {
        Process process = new ProcessBuilder(java.tool("java"), "-version")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow();
    }
}
