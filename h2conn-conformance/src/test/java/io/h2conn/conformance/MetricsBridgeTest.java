package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionObserver;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A bridge to any library of metrics is as short as this one. */
class MetricsBridgeTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    // region bridge
    /** Counters, a gauge, and a histogram of stalls: put a library's own in the place of these two maps. */
    static final class Metrics implements ConnectionObserver {
        final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
        /** Stalls by the power of two of their microseconds. */
        final AtomicLongArray stalls = new AtomicLongArray(64);

        private void count(String name, long by) {
            counters.computeIfAbsent(name, unused -> new LongAdder()).add(by);
        }

        @Override
        public void onSession(String id, @Nullable SocketAddress remote, boolean reused) {
            count(reused ? "sessions.reused" : "sessions.opened", 1);
        }

        @Override
        public void onAccepted(DuplexConnection connection, int status) {
            count("connections.open", 1);
        }

        @Override
        public void onWriteResumed(DuplexConnection connection, Duration stalled) {
            stalls.incrementAndGet(64 - Long.numberOfLeadingZeros(stalled.toNanos() / 1000));
        }

        @Override
        public void onClosed(DuplexConnection connection, CloseReason reason) {
            count("connections.open", connection.info().status() == 0 ? 0 : -1);
            count("connections.closed." + (reason.isOrderly() ? "orderly" : reason.origin()), 1);
            count("bytes.sent", reason.bytesSent());
        }
    }

    // endregion bridge

    @Test
    void countsWhatConnectionsDo() throws Exception {
        Metrics metrics = new Metrics();
        try (Link link = Link.of(leaks, false)) {
            ConnectionOptions options = ConnectionOptions.defaults().observer(metrics);
            Connector.Ends first = link.connect(false, options);
            Connector.Ends second = link.connect(false, options);
            assertThat(metrics.counters.get("connections.open").sum()).isEqualTo(4);

            first.near().write(Bytes.of("0123456789"));
            assertThat(Bytes.readText(first.far(), 10)).isEqualTo("0123456789");
            first.near().close();
            first.far().close();
            second.near().abort();
            Await.until(() -> metrics.counters.get("connections.open").sum() == 0, "all four ends are over");
        }
        assertThat(metrics.counters.get("sessions.opened").sum()).isEqualTo(1);
        assertThat(metrics.counters.get("sessions.reused").sum()).isEqualTo(1);
        assertThat(metrics.counters.get("connections.closed.orderly").sum()).isEqualTo(2);
        assertThat(metrics.counters.get("connections.closed.LOCAL").sum()).isEqualTo(1);
        assertThat(metrics.counters.get("connections.closed.PEER").sum()).isEqualTo(1);
        assertThat(metrics.counters.get("bytes.sent").sum()).isEqualTo(10);
    }
}
