package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.benchmarks.peer.Layout;
import io.h2conn.benchmarks.peer.Security;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProcessesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static Program embedded() throws Exception {
        return Programs.all(Java.own(), Map.of(), Path.of(""), false).stream()
                .filter(program -> program.peer().equals("h2conn-embedded"))
                .findAny()
                .orElseThrow();
    }

    @Test
    void aProcessAnswersUntilItsInputEnds() throws Exception {
        ChildProcess process = ChildProcess.start("cat", List.of("cat"), Map.of());
        process.writeLine("hello");

        assertThat(process.readLine(LONG)).isEqualTo("hello");

        process.close();
        assertThatThrownBy(() -> process.readLine(LONG))
                .isInstanceOf(EOFException.class)
                .hasMessage("cat has ended");
    }

    @Test
    void whoSaysNothingIsNotWaitedForForEver() throws Exception {
        try (ChildProcess process = ChildProcess.start("cat", List.of("cat"), Map.of())) {
            assertThatThrownBy(() -> process.readLine(Duration.ofMillis(1)))
                    .isInstanceOf(ChildProcess.SilentException.class)
                    .hasMessageStartingWith("cat has not answered");
        }
    }

    @Test
    void aProcessTellsWhatItsThreadsDo() throws Exception {
        List<String> command = new ArrayList<>(embedded().command());
        command.addAll(List.of("server", "h2conn-embedded", "clear"));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream errors = System.err;
        try (ChildProcess process = ChildProcess.start("a server", command, Map.of())) {
            process.readLine(LONG);
            System.setErr(new PrintStream(printed, true, UTF_8));
            process.dumpThreads();
        } finally {
            System.setErr(errors);
        }

        assertThat(printed.toString(UTF_8)).contains("threads of a server:", "\"main\"", "PeerProcess");
    }

    @Test
    void aPeerThatFailsIsNotTriedAgainAndItsFailureIsKept() throws Exception {
        try (PeerPair pair = new PeerPair(new Program("broken", List.of("false"), Map.of(), false), Security.CLEAR)) {
            Scenario scenario = new Scenario.Timed("up", "bulk direction=up");

            Readings readings = new Rounds(1, 2, scenario.points(), round -> {})
                    .add("broken", () -> scenario.run(pair, 1))
                    .run();

            assertThat(readings.failures()).containsExactly("broken at up: server of broken has ended");
        }
    }

    @Test
    void anErrorIsTheFailureOfOneCommandOnly() throws Exception {
        try (PeerPair pair = new PeerPair(embedded(), Security.CLEAR)) {
            assertThatThrownBy(() -> pair.measure("bulk direction=sideways nanos=1000000"))
                    .hasMessageContaining("SIDEWAYS");

            Slice slice = pair.measure("bulk direction=up nanos=10000000", 10_000_000);

            assertThat(slice.operations()).isPositive();
            assertThat(slice.failure()).isNull();
        }
    }

    @Test
    void idleConnectionsAreWeighedAndReached() throws Exception {
        Scenario scenario = new Scenario.Idle(List.of("open", "broadcast"), new Layout(200, 2));
        try (PeerPair pair = new PeerPair(embedded(), Security.CLEAR)) {
            scenario.run(pair, 0);
            Map<String, Slice> again = scenario.run(pair, 0);

            assertThat(again.get("open").operations()).isEqualTo(200);
            assertThat(again.get("open").heapEach()).isBetween(100.0, 100_000.0);
            assertThat(again.get("broadcast").operations()).isEqualTo(2_000);
        }
    }
}
