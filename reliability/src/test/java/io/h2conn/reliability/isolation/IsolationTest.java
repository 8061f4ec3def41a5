package io.h2conn.reliability.isolation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** That the measurement runs; its figures need a quiet machine and more time. */
class IsolationTest {
    @Test
    void everySortOfSiblingIsMeasuredAtBothEnds() {
        PrintStream out = System.out;
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        System.setOut(new PrintStream(report, true, UTF_8));
        try {
            int code = new CommandLine(new Isolation()).execute("--rounds=1", "--slice-ms=20", "--siblings=3");
            assertThat(code).isZero();
        } finally {
            System.setOut(out);
        }
        assertThat(report.toString(UTF_8).lines().filter(line -> line.matches("\\| (server|client) .*%.*")))
                .hasSize(2 * Badness.values().length);
    }
}
