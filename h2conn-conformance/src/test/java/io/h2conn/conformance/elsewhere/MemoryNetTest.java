package io.h2conn.conformance.elsewhere;

import io.h2conn.DuplexConnection;
import io.h2conn.conformance.ConnectionSupplier;
import io.h2conn.conformance.NetConformance;

/** The properties of a network connection, over the pair in memory; outside the suite's package. */
class MemoryNetTest extends NetConformance {
    @Override
    protected ConnectionSupplier start() {
        return options -> DuplexConnection.pair(64 * 1024, options);
    }
}
