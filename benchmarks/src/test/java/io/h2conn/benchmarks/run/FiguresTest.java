package io.h2conn.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of figures: medians, ratios, tables, files. */
class FiguresTest {
    private static final Usage USAGE = new Usage(3_000_000, 100);

    private static Reading reading(int round, String peer, long operations) {
        return new Reading("1/1", round, peer, new Slice(operations, 1_000_000_000, USAGE, USAGE));
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
        assertThat(Spread.of(4, 1, 2, 10)).isEqualTo(new Spread(1, 3, 10));
        assertThat(Spread.of(5, 1, 2)).isEqualTo(new Spread(1, 2, 5));
    }

    @Test
    void whatIsNoNumberIsLeftOut() {
        assertThat(Spread.of(Double.NaN, 7)).isEqualTo(new Spread(7, 7, 7));
        assertThat(Spread.of(Double.NaN).isEmpty()).isTrue();
    }

    @Test
    void aRatioIsTakenWithinARound() {
        Readings readings = new Readings(List.of(
                reading(0, "slow", 100),
                reading(0, "fast", 200),
                reading(1, "fast", 2_000), // this round, the machine is ten times as fast
                reading(1, "slow", 1_000),
                reading(2, "slow", 10),
                reading(2, "fast", 50)));

        Spread ratios = readings.of("fast").ratios(readings.of("slow"), Slice::perSecond);

        assertThat(ratios).isEqualTo(new Spread(2, 2, 5));
    }

    @Test
    void aRoundInWhichTheBaselineHasFailedHasNoRatio() {
        Readings readings = new Readings(List.of(
                reading(0, "own", 100),
                reading(0, "other", 50),
                reading(1, "own", 100),
                new Reading("1/1", 1, "other", Slice.failed("it broke"))));

        assertThat(readings.of("own").ratios(readings.of("other"), Slice::perSecond))
                .isEqualTo(new Spread(2, 2, 2));
    }

    @Test
    void aTableTellsRatiosAndFailures() {
        Readings readings = new Readings(List.of(
                reading(0, "own", 3_000),
                reading(0, "other", 1_500),
                new Reading("1/1", 0, "broken", Slice.failed("it broke"))));

        assertThat(Table.markdown("w1", Unit.EXCHANGES, readings, List.of("other", "absent")))
                .contains("**w1: 1/1** (1 round)", "3,000", "2.00 (2.00 to 2.00)", "1.00 + 1.00", "0.03 / 0.03")
                .contains("* failed: broken at 1/1: it broke")
                .doesNotContain("absent", "p50");
    }

    @Test
    void aNumberHasThreeDigitsThatCount() {
        assertThat(List.of(1_234_567.0, 999.6, 12.345, 1.2345, 0.01234).stream().map(Table::number))
                .containsExactly("1,230,000", "1,000", "12.3", "1.23", "0.01");
    }

    @Test
    void whatIsWrittenIsRead(@TempDir Path directory) throws Exception {
        Slice measured = new Slice(
                5,
                1_000,
                USAGE,
                new Usage(7, Double.NaN),
                Map.of(50.0, 10L, 99.99, 20L),
                new Memory(Double.NaN, 4_096),
                null);
        Results results = new Results(
                List.of("first line", "second, with a comma"),
                new Readings(List.of(
                        new Reading("10 us", 0, "own", measured),
                        new Reading("10 us", 1, "own", Slice.failed("a \"comma\", and\na line")))));
        Path file = directory.resolve("new").resolve("w4-paced-tls.csv");

        results.write(file);

        assertThat(Results.read(file)).isEqualTo(results);
        assertThat(Files.readAllLines(file)).startsWith("# first line", "# second, with a comma");
    }
}
