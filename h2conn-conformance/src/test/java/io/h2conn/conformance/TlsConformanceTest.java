package io.h2conn.conformance;

import io.h2conn.server.ConnectorOptions;
import org.junit.jupiter.api.Nested;

/**
 * The suite over our own server with TLS, with windows of the default size, among other connections on the same session, and of
 * an odd size. Windows count what is encrypted, not how: those of a few bytes are for {@link H2cConformanceTest}.
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
}
