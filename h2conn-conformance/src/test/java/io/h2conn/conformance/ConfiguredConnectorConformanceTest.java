package io.h2conn.conformance;

import org.junit.jupiter.api.Nested;

/** The suite over the application's own Jetty server, whose connector is one that DuplexConnector has configured. */
class ConfiguredConnectorConformanceTest {
    @Nested
    class Net extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.configured();
        }
    }

    @Nested
    class Contract extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.configured();
        }
    }
}
