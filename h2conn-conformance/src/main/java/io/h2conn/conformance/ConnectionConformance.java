package io.h2conn.conformance;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What both parts of the suite have in common: a supplier for the whole class, and a {@link LeakCheck} after each test.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
public abstract class ConnectionConformance {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck().probes(() -> supplier().leakProbes());

    private @Nullable ConnectionSupplier supplier;

    /** For subclasses. */
    protected ConnectionConformance() {}

    /**
     * Starts the transport under test. Called once, before the first test of the class.
     *
     * @return the transport; the suite closes it after the last test
     * @throws Exception if it does not start; the test class fails with it
     */
    protected abstract ConnectionSupplier start() throws Exception;

    @BeforeAll
    final void startTransport() throws Exception {
        supplier = start();
    }

    @AfterAll
    final void stopTransport() throws Exception {
        ConnectionSupplier started = supplier;
        supplier = null;
        if (started != null) {
            started.close();
        }
    }

    final ConnectionSupplier supplier() {
        ConnectionSupplier started = supplier;
        if (started == null) {
            throw new IllegalStateException("the transport is only there between start() and the last test");
        }
        return started;
    }
}
