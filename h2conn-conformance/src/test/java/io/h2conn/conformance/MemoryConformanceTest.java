package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The suite over the pair in memory, with an odd window and one of a few bytes. */
class MemoryConformanceTest {
    private static final ConnectionSupplier ODD = options -> DuplexConnection.pair(Http2Transport.ODD_WINDOW, options);

    private static final ConnectionSupplier TINY = new ConnectionSupplier() {
        @Override
        public DuplexConnection.Pair connect(ConnectionOptions options) {
            return DuplexConnection.pair(Http2Transport.TINY_WINDOW, options);
        }

        @Override
        public Scale scale() {
            return Scale.TINY;
        }
    };

    @Nested
    class NetOverOddWindows extends NetConformance {
        @Override
        protected ConnectionSupplier start() {
            return ODD;
        }
    }

    @Nested
    class ContractOverOddWindows extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return ODD;
        }
    }

    @Nested
    class NetOverTinyWindows extends NetConformance {
        @Override
        protected ConnectionSupplier start() {
            return TINY;
        }
    }

    @Nested
    class ContractOverTinyWindows extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return TINY;
        }
    }

    @Test
    void aWindowOfNothingIsRefused() {
        for (int window : new int[] {0, -1}) {
            assertThatThrownBy(() -> DuplexConnection.pair(window, ConnectionOptions.defaults()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(window));
        }
    }
}
