package io.h2conn.conformance;

import org.junit.jupiter.api.Nested;

/** The suite where only Jetty's selector reads. */
class SelectorReadsConformanceTest {
    @Nested
    class NetOverClearText extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.reading(false, false);
        }
    }

    @Nested
    class ContractOverTls extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.reading(false, true);
        }
    }
}
