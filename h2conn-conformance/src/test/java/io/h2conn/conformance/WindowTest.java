package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may send before the application reads, by default. */
class WindowTest {
    private static final int FIRST = 512 * 1024;
    private static final int LARGEST = 4 * 1024 * 1024;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final FrameLog frames = new FrameLog();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatNobodyReadsHoldsTheFirstWindow(boolean serverIsNear) throws Exception {
        try (Link link = Link.watched(leaks, frames)) {
            Connector.Ends ends = link.connect(serverIsNear);
            Flood flood = Flood.into(ends.near()).awaitStalled();

            assertThat(dataOnTheWire()).isEqualTo(FIRST);
            ends.near().abort();
            flood.failure();
            ends.far().abort();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatIsReadQuicklyMayHoldMoreOfWhatFollows(boolean serverIsNear) throws Exception {
        try (Link link = Link.watched(leaks, frames)) {
            Connector.Ends ends = link.connect(serverIsNear);
            DuplexConnection far = ends.far();
            Flood flood = Flood.into(ends.near());
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            long consumed = 0;
            while (consumed < 64L * 1024 * 1024) {
                consumed += far.read(buffer.clear());
            }
            flood.awaitStalled();

            // Up to half of a window is consumed, but not given back yet.
            assertThat(dataOnTheWire() - consumed).isBetween(LARGEST / 2L, (long) LARGEST);
            ends.near().abort();
            flood.failure();
            far.abort();
        }
    }

    private long dataOnTheWire() {
        return frames.ofType(FrameLog.DATA).stream()
                .mapToLong(FrameLog.Frame::length)
                .sum();
    }
}
