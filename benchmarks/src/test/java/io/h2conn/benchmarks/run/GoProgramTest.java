package io.h2conn.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class GoProgramTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();

    @TempDir
    private Path directory;

    @Test
    void withoutGoThereIsNoProgram() throws Exception {
        assertThat(GoProgram.build(MODULE, "no-such-go", "/")).isEmpty();
    }

    @Test
    void withoutTheLibraryThereIsNoProgram() throws Exception {
        assertThat(GoProgram.build(MODULE, "go", directory.toString())).isEmpty();
    }

    @Test
    void sourcesThatAreWrongAreAnError() throws Exception {
        assumeThat(GoProgram.build(MODULE)).as("Go is installed").isPresent();
        Path sources = Files.createDirectories(directory.resolve(Path.of("src", "main", "go")));
        Files.writeString(sources.resolve("main.go"), "package main\n\nfunc main() { nonsense() }\n");

        assertThatThrownBy(() -> GoProgram.build(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nonsense");
    }
}
