package io.h2conn.testkit;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.conformance.ConnectionSupplier;
import io.h2conn.conformance.ContractConformance;
import io.h2conn.conformance.NetConformance;
import io.h2conn.conformance.Scale;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A bad network makes a connection slow, and never wrong: the suite over pairs whose networks delay and cut. Most of the
 * contract's time is waiting for timeouts, so it runs over two networks that are bad in another way each way; the system property
 * {@code h2conn.testkit.all} adds those that are alike both ways.
 */
class FaultyPairConformanceTest {
    private static final NetworkConditions PERFECT = NetworkConditions.perfect();
    private static final NetworkConditions FAR =
            PERFECT.latency(Duration.ofMillis(2), Duration.ofMillis(1)).fragments(10_000);
    private static final NetworkConditions CUT = PERFECT.fragments(1);
    private static final NetworkConditions NARROW = PERFECT.bandwidth(200_000).fragments(300);

    /** Windows that are no multiples of anything that buffers have. */
    private record Network(NetworkConditions toServer, NetworkConditions toClient, int window, Scale scale)
            implements ConnectionSupplier {
        static Network wide(NetworkConditions toServer, NetworkConditions toClient) {
            return new Network(toServer, toClient, 30_011, new Scale(256 * 1024, 64 * 1024));
        }

        static Network small(NetworkConditions toServer, NetworkConditions toClient) {
            return new Network(toServer, toClient, 101, Scale.TINY);
        }

        @Override
        public DuplexConnection.Pair connect(ConnectionOptions options) {
            FaultyPair pair = FaultyPair.builder()
                    .toServer(toServer)
                    .toClient(toClient)
                    .options(options)
                    .window(window)
                    .connect();
            return new DuplexConnection.Pair(pair.client(), pair.server());
        }
    }

    @Nested
    class NetOverAPerfectNetwork extends NetConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.wide(PERFECT, PERFECT);
        }
    }

    @Nested
    class NetOverLatency extends NetConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.wide(FAR, FAR);
        }
    }

    @Nested
    class NetByteByByte extends NetConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.small(CUT, CUT);
        }
    }

    @Nested
    class NetOverSmallBandwidth extends NetConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.small(NARROW, NARROW);
        }
    }

    @Nested
    class ContractOverLatencyOneWay extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.wide(FAR, PERFECT);
        }
    }

    @Nested
    class ContractByteByByteOneWayAndOverSmallBandwidthTheOther extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.small(CUT, NARROW);
        }
    }

    @Nested
    @EnabledIfSystemProperty(named = "h2conn.testkit.all", matches = "true")
    class ContractOverAPerfectNetwork extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.wide(PERFECT, PERFECT);
        }
    }

    @Nested
    @EnabledIfSystemProperty(named = "h2conn.testkit.all", matches = "true")
    class ContractOverLatency extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.wide(FAR, FAR);
        }
    }

    @Nested
    @EnabledIfSystemProperty(named = "h2conn.testkit.all", matches = "true")
    class ContractByteByByte extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.small(CUT, CUT);
        }
    }

    @Nested
    @EnabledIfSystemProperty(named = "h2conn.testkit.all", matches = "true")
    class ContractOverSmallBandwidth extends ContractConformance {
        @Override
        protected ConnectionSupplier start() {
            return Network.small(NARROW, NARROW);
        }
    }
}
