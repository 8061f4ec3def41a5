package io.h2conn.conformance;

import org.junit.jupiter.api.Nested;

/** The suite over the application's own Jetty server, whose connector is as Jetty makes it. */
class UnconfiguredConnectorConformanceTest {
    @Nested
    class Net extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.unconfigured();
        }
    }

    @Nested
    class Contract extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.unconfigured();
        }
    }
}
