package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The peer that is written in Go: builds it where that is installed. Started, it is what {@code PeerProcess} is in Java. */
public final class GoProgram {
    /** How the program's commands and the tables call the peer. */
    public static final String NAME = "go";

    private static final String HELP = "apt-get install golang-go golang-golang-x-net-dev";
    /** Where Debian's packages put libraries of Go. */
    private static final String DEBIAN_GOPATH = "/usr/share/gocode";
    /** Enough for the whole of Go's standard library on a slow machine. */
    private static final int BUILD_SECONDS = 240;

    private GoProgram() {}

    /**
     * Builds the program. Uses the sources of x/net that are installed, and nothing from the network.
     *
     * @param module the directory {@code benchmarks}; the program goes into its {@code target}
     * @return the program, or nothing if Go or its library x/net is not installed, which a line of standard error says
     * @throws IOException if the build fails
     */
    public static Optional<Path> build(Path module) throws IOException, InterruptedException {
        return build(module, "go", System.getProperty("benchmarks.gopath", DEBIAN_GOPATH));
    }

    static Optional<Path> build(Path module, String go, String goPath) throws IOException, InterruptedException {
        Path target = module.resolve("target").toAbsolutePath();
        Files.createDirectories(target);
        if (!runsGo(List.of(go, "version"), target, target, goPath)) {
            return missing(go + " is not on the path");
        }
        Path sources = module.resolve(Path.of("src", "main", "go")).toAbsolutePath();
        if (!runsGo(List.of(go, "list", "golang.org/x/net/http2/h2c"), sources, target, goPath)) {
            return missing("x/net is not in " + goPath);
        }
        Path program = target.resolve("gopeer");
        if (!runsGo(List.of(go, "build", "-o", program.toString(), "."), sources, target, goPath)) {
            throw new IOException("go cannot build " + sources + ": " + Files.readString(log(target), UTF_8));
        }
        return Optional.of(program);
    }

    private static Optional<Path> missing(String reason) {
        System.err.println("no peer in Go: " + reason + "; " + HELP);
        return Optional.empty();
    }

    private static Path log(Path target) {
        return target.resolve("gopeer-build.txt");
    }

    /** Runs a command of Go, and returns whether there is one and it did what it should. */
    private static boolean runsGo(List<String> command, Path directory, Path target, String goPath)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log(target).toFile());
        builder.environment()
                .putAll(Map.of(
                        "GO111MODULE", "off",
                        "GOPATH", goPath,
                        "GOFLAGS", "",
                        // No C compiler, and no home directory to keep things in.
                        "CGO_ENABLED", "0",
                        "GOCACHE", target.resolve("go-cache").toString()));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            Files.writeString(log(target), String.valueOf(e), UTF_8);
            return false;
        }
        try {
            if (!process.waitFor(BUILD_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + " takes longer than " + BUILD_SECONDS + " s");
            }
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue() == 0;
    }
}
