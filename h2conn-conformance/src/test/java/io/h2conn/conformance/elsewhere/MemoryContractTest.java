package io.h2conn.conformance.elsewhere;

import io.h2conn.DuplexConnection;
import io.h2conn.conformance.ConnectionSupplier;
import io.h2conn.conformance.ContractConformance;

/** The contract over the pair in memory; outside the suite's package, as the tests of other transports are. */
class MemoryContractTest extends ContractConformance {
    @Override
    protected ConnectionSupplier start() {
        return options -> DuplexConnection.pair(64 * 1024, options);
    }
}
