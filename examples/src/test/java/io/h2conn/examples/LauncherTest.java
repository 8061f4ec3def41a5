package io.h2conn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher in a tree of its own, with a Java and a Maven that only tell how they were called. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {
    @TempDir
    private Path folder;

    private Path root;
    private Path tools;
    private Path launcher;

    @BeforeEach
    void makeTree() throws IOException {
        root = folder.resolve("a tree");
        tools = folder.resolve("some tools");
        for (String each : List.of("examples/src/main", "h2conn-core/src/main")) {
            Files.createDirectories(root.resolve(each));
        }
        for (String each :
                List.of("pom.xml", "examples/pom.xml", "h2conn-core/pom.xml", "h2conn-core/src/main/A.java")) {
            Files.writeString(root.resolve(each), "x");
        }
        Files.createDirectories(tools);
        launcher = root.resolve("h2conn");
        Path original = Path.of("..", "h2conn");
        Files.writeString(launcher, Files.readString(original));
        executable(launcher);
        fakeJava("openjdk version \"17.0.15\" 2025-04-15");
        fake("mvn", "echo \"mvn $*\" >>'" + folder + "/builds'");
    }

    private static void executable(Path file) {
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private void fake(String name, String script) throws IOException {
        Path file = tools.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        executable(file);
    }

    private void fakeJava(String version) throws IOException {
        fake(
                "java",
                "if [ \"$1\" = -version ]; then echo '" + version
                        + "' >&2; exit; fi\nfor arg; do echo \"[$arg]\"; done");
    }

    private Program run(Path script, String... arguments) throws Exception {
        ProcessBuilder command = new ProcessBuilder(script.toString());
        command.command().addAll(List.of(arguments));
        command.environment().put("PATH", tools + ":/usr/bin:/bin");
        command.environment().remove("JAVA_HOME");
        command.directory(folder.toFile());
        Program program = Program.start(command);
        program.awaitExit();
        return program;
    }

    private int builds() throws IOException {
        Path file = folder.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    @Test
    void theFirstUseBuildsAndTheNextOneDoesNot() throws Exception {
        try (Program first = run(launcher, "echo", "two words");
                Program second = run(launcher, "demo")) {
            assertThat(first.awaitExit()).isZero();
            assertThat(first.errors()).hasSize(1);
            assertThat(first.errors().get(0)).startsWith("h2conn: building");
            assertThat(first.output())
                    .contains("[io.h2conn.examples.Main]", "[echo]", "[two words]")
                    .contains("[" + root.toRealPath() + "/examples/target/classes:" + root.toRealPath()
                            + "/examples/target/lib/*]");
            assertThat(second.errors()).isEmpty();
            assertThat(builds()).isEqualTo(1);
        }
    }

    @Test
    void aNewerSourceIsBuiltAgain() throws Exception {
        run(launcher).close();
        Files.setLastModifiedTime(
                root.resolve("h2conn-core/src/main/A.java"),
                FileTime.from(Instant.now().plusSeconds(1)));

        try (Program again = run(launcher)) {
            assertThat(again.errors()).hasSize(1);
            assertThat(again.errors().get(0)).contains("sources have changed");
            assertThat(builds()).isEqualTo(2);
        }
    }

    @Test
    void itWorksThroughSymbolicLinks() throws Exception {
        Path direct = Files.createSymbolicLink(folder.resolve("direct link"), launcher);
        Path relative = Files.createSymbolicLink(folder.resolve("relative link"), Path.of("direct link"));

        try (Program program = run(relative, "x")) {
            assertThat(program.awaitExit()).isZero();
            assertThat(program.output()).contains("[x]");
            assertThat(direct).isSymbolicLink();
            assertThat(builds()).isEqualTo(1);
        }
    }

    @Test
    void aFailedBuildIsOneMoreLineAndIsTriedAgain() throws Exception {
        fake("mvn", "echo '[ERROR] something broke'; echo '[ERROR] more'; exit 1");
        try (Program program = run(launcher)) {
            assertThat(program.awaitExit()).isEqualTo(1);
            assertThat(program.errors()).hasSize(2);
            assertThat(program.errors().get(1)).contains("the build failed", "build.log", "something broke");
        }
        fake("mvn", "true");
        try (Program program = run(launcher)) {
            assertThat(program.awaitExit()).isZero();
        }
    }

    @Test
    void anOldJavaIsOneLine() throws Exception {
        fakeJava("java version \"1.8.0_452\"");
        try (Program program = run(launcher)) {
            assertThat(program.awaitExit()).isEqualTo(1);
            assertThat(program.errors()).hasSize(1);
            assertThat(program.errors().get(0)).contains("needs Java 17 or newer");
            assertThat(builds()).isZero();
        }
    }
}
