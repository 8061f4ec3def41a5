package io.h2conn.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.json.JsonMapper;

/** Each benchmark works: runs for a moment. What it measures then means nothing. */
@Timeout(120)
class SmokeTest {
    private interface Program {
        void run() throws Exception;
    }

    private static String printed(Program program) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream console = System.out;
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(console);
        }
        return printed.toString(UTF_8);
    }

    @Test
    void everyBenchmarkOfTheCodecsRuns() throws Exception {
        var results = new Runner(new OptionsBuilder()
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(20))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();

        assertThat(results).hasSizeGreaterThan(5);
    }

    @Test
    void aBroadcastReachesAllReceivers() throws Exception {
        assertThat(printed(() -> BroadcastRun.main(new String[] {"20", "1"})))
                .contains("a loop of writes", "Broadcast", "messages encoded");
    }

    @Test
    void idleConnectionsAreWeighedAndReached() throws Exception {
        assertThat(printed(() -> ScaleRun.main(new String[] {"idle", "40", "2", "mounted", "clear"})))
                .contains("bytes a connection by class", "each message verified");
    }

    @Test
    void startingIsTimed() throws Exception {
        assertThat(printed(() -> ScaleRun.main(new String[] {"start", "1"}))).contains("to the first byte");
    }

    @ParameterizedTest
    @CsvSource({"SMALL, 100", "MEDIUM, 1024", "LARGE, 102400"})
    void anOrderIsAboutAsLargeAsItSays(Order.Size size, int bytes) {
        byte[] json = JsonMapper.shared().writeValueAsBytes(Order.random(size, new SplittableRandom(1)));

        assertThat(json.length).isBetween(bytes * 85 / 100, bytes * 115 / 100);
    }
}
