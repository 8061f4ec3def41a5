package io.h2conn.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
class SoakTest {
    /** Connections; the first ones of a run are short. */
    private static final int ENOUGH = 150;

    @TempDir
    Path out;

    @Test
    void aShortSoakLosesNothingSilently() throws Exception {
        Soak.Result result =
                Soak.of(1, 17, out).until(ledger -> ledger.judged() >= ENOUGH).run();

        assertThat(result.violations()).isEmpty();
        assertThat(result.ledger().clean().count(Rules.Fate.ARRIVED)).isPositive();
        assertThat(result.ledger().faulty().count(Rules.Fate.ARRIVED)).isPositive();
        assertThat(Files.readString(out.resolve("summary.md"))).startsWith("# Soak: passed");
        assertThat(out.resolve("threads.svg")).isNotEmptyFile();
    }

    @ParameterizedTest
    @EnumSource
    void aByteThatIsSpoiltOnItsWayIsNoticedAndCalledWhatItIs(Plant plant) throws Exception {
        String words = "bytes are " + plant.expected + "@";
        Soak.Result result = Soak.of(1, 23, out)
                .plant(plant)
                .abandon()
                .until(ledger -> ledger.violations().stream().anyMatch(violation -> violation.contains(words)))
                .run();

        assertThat(result.planted()).isPositive();
        assertThat(result.violations())
                .anySatisfy(violation -> assertThat(violation).contains(words));
    }
}
