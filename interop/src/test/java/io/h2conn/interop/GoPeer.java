package io.h2conn.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Builds the Go program, once. */
final class GoPeer {
    private static final String HELP =
            "the tests against Go need it, and its x/net: apt-get install golang-go golang-golang-x-net-dev";
    /** Where Debian's packages put libraries of Go. */
    private static final String DEBIAN_GOPATH = "/usr/share/gocode";

    /** Enough for the whole of Go's standard library on a slow machine. */
    static final int BUILD_SECONDS = 240;

    /** What the Go program sends in bulk unless told otherwise: 100 MiB. */
    static final long BULK_BYTES = 100L << 20;

    private static @Nullable Path program;

    private GoPeer() {}

    static synchronized Path program() {
        if (program == null) {
            try {
                program = build();
            } catch (IOException e) {
                throw new AssertionError("cannot build with go: " + HELP, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while go builds", e);
            }
        }
        return program;
    }

    private static Path build() throws IOException, InterruptedException {
        Path target = Path.of("target").toAbsolutePath();
        Files.createDirectories(target);
        Path program = target.resolve("h2peer");
        Path log = target.resolve("h2peer-build.txt");
        ProcessBuilder builder = new ProcessBuilder("go", "build", "-o", program.toString(), ".")
                .directory(Path.of("src", "test", "go", "h2peer").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        // Sources from the packages, nothing from the network.
                        "GO111MODULE", "off",
                        "GOPATH", System.getProperty("interop.gopath", DEBIAN_GOPATH),
                        "GOFLAGS", "",
                        // No C compiler, and no home directory to keep things in.
                        "CGO_ENABLED", "0",
                        "GOCACHE", target.resolve("go-cache").toString()));
        Process process = builder.start();
        try {
            if (!process.waitFor(BUILD_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("go build takes longer than " + BUILD_SECONDS + " s");
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("go build failed; " + HELP + "\n" + Files.readString(log, UTF_8));
        }
        return program;
    }
}
