package io.h2conn.conformance;

import org.junit.jupiter.api.Nested;

/** The suite where readers read the socket themselves. */
class DirectReadsConformanceTest {
    @Nested
    class NetOverClearText extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.direct(false);
        }
    }

    @Nested
    class ContractOverTls extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.direct(true);
        }
    }
}
