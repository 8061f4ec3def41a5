package io.h2conn.benchmarks.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java that runs programs of this class path.
 *
 * @param home of the JDK
 */
record Java(Path home) {
    /** For all processes alike; garbage collection is left to the JDK's choice. */
    private static final List<String> FLAGS = List.of("-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    /** The one that runs this process. */
    static Java own() {
        return new Java(Path.of(System.getProperty("java.home")));
    }

    /** A program of the JDK. */
    String tool(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    /** How to run a main method. */
    List<String> command(String main) {
        return command(List.of(), main);
    }

    /** How to run a main method with more flags. */
    List<String> command(List<String> flags, String main) {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        command.addAll(FLAGS);
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main);
        return command;
    }
}
