package io.h2conn.reliability.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.h2conn.benchmarks.peer.IdentityFiles;
import io.h2conn.reliability.faults.Scene.Wire;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A few of the faults of the program, all of which takes some minutes. */
@Timeout(120)
class FaultsTest {
    private static final long HEARTBEAT_MILLIS = 200;

    /** For what must not be mistaken for silence: the machine itself may be silent for longer than a short heartbeat. */
    private static final long PATIENT_MILLIS = 1_000;

    @TempDir
    static Path out;

    @BeforeAll
    static void createIdentity() throws Exception {
        IdentityFiles.create(out.resolve("identity"));
    }

    @ParameterizedTest
    @EnumSource(names = {"KILL_SERVER", "STOP_CLIENT", "CABLE"})
    void bothSidesSeeTheLossInTimeAndNothingIsLeft(Fault fault) throws Exception {
        assertPromised(fault, HEARTBEAT_MILLIS);
    }

    @Test
    void aProcessThatStandsStillForLessThanThreeHeartbeatsLosesNothing() throws Exception {
        assertPromised(Fault.PAUSE_SERVER, PATIENT_MILLIS);
    }

    private static void assertPromised(Fault fault, long heartbeatMillis) throws Exception {
        if (fault.wire == Wire.NETWORK) {
            String reason = Network.unavailable();
            assumeTrue(reason == null, () -> "needs network namespaces of its own: " + reason);
        }
        Row row = fault.run(new Scene.Settings(heartbeatMillis, false, out, out.resolve("identity")));

        assertThat(row.violations()).as(row.format()).isEmpty();
    }
}
