package io.h2conn.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;

/** The side of {@link ScaleRun} that is in another process: obeys lines, and answers each with one. */
abstract class ScaleProcess {
    private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in, UTF_8));

    /** What to be: the words of the first line. */
    static String[] readWords() throws IOException {
        return INPUT.readLine().split(" ");
    }

    /** Answers what both sides know, or asks {@link #obey}, until the input ends. */
    final void run(String greeting) throws Exception {
        PrintStream output = System.out;
        output.println(greeting);
        for (String line = INPUT.readLine(); line != null; line = INPUT.readLine()) {
            String[] words = line.split(" ");
            output.println(
                    switch (words[0]) {
                        case "footprint" -> Footprint.ofThisProcess().format();
                        case "cpu" ->
                            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                                    .getProcessCpuTime();
                        default -> obey(words);
                    });
        }
    }

    abstract String obey(String[] words) throws Exception;
}
