package io.h2conn.conformance;

import io.h2conn.server.ConnectorOptions;
import org.junit.jupiter.api.Nested;

/**
 * The suite over our own server with TLS, with windows of the default size, among other connections on the same
 * session; of an odd size; and of a few bytes.
 */
class TlsConformanceTest {
    @Nested
    class NetOverDefaultWindows extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES)
                    .amongOthers();
        }
    }

    @Nested
    class ContractOverDefaultWindows extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES)
                    .amongOthers();
        }
    }

    @Nested
    class NetOverOddWindows extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(Http2Transport.ODD_WINDOW);
        }
    }

    @Nested
    class ContractOverOddWindows extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(Http2Transport.ODD_WINDOW);
        }
    }

    @Nested
    class NetOverTinyWindows extends NetConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(Http2Transport.TINY_WINDOW);
        }
    }

    @Nested
    class ContractOverTinyWindows extends ContractConformance {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(Http2Transport.TINY_WINDOW);
        }
    }
}
