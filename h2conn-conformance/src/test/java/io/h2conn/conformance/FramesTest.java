package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire, frame by frame. */
class FramesTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final FrameLog frames = new FrameLog();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOrderlyEndNeedsNoReset(boolean serverIsNear) throws Exception {
        try (Link link = Link.watched(leaks, frames)) {
            for (int i = 0; i < 10; i++) {
                bothEndHalves(link.connect(serverIsNear));
                closeWithUnreadInput(link.connect(serverIsNear));
                closeFirstAndLetThePeerGoOn(link.connect(serverIsNear));
                closeAtTheSameTime(link.connect(serverIsNear));
                discardInput(link.connect(serverIsNear));
            }
            link.relay().awaitQuiet();
            assertThat(frames.ofType(FrameLog.RST_STREAM)).isEmpty();
            assertThat(frames.ofType(FrameLog.GOAWAY)).isEmpty();
            // Each of the fifty streams ends once in each direction.
            assertThat(frames.where(FrameLog.Frame::endsStream)).hasSize(100);
            // RFC 9113, section 10.5: peers count empty frames that end nothing as abuse.
            assertThat(frames.where(
                            frame -> frame.type() == FrameLog.DATA && frame.length() == 0 && !frame.endsStream()))
                    .isEmpty();
        }
    }

    private static void bothEndHalves(Connector.Ends ends) throws Exception {
        ends.near().write(Bytes.of("question"));
        ends.near().closeOutput();
        assertThat(Bytes.readTextToEnd(ends.far())).isEqualTo("question");
        ends.far().write(Bytes.of("answer"));
        ends.far().closeOutput();
        assertThat(Bytes.readTextToEnd(ends.near())).isEqualTo("answer");
        ends.near().close();
        ends.far().close();
    }

    private static void closeWithUnreadInput(Connector.Ends ends) throws Exception {
        ends.far().write(Bytes.of("never read"));
        ends.near().close();
        assertThat(ends.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        ends.far().close();
        requireOrderly(ends);
    }

    private static void closeFirstAndLetThePeerGoOn(Connector.Ends ends) throws Exception {
        ends.near().close();
        ends.far().write(ByteBuffer.wrap(Bytes.random(2_000_000)));
        ends.far().close();
        requireOrderly(ends);
    }

    private static void closeAtTheSameTime(Connector.Ends ends) throws Exception {
        Task<Boolean> other = Task.run(ends.far()::close);
        ends.near().close();
        other.get();
        requireOrderly(ends);
    }

    private static void discardInput(Connector.Ends ends) throws Exception {
        ends.near().input().close();
        ends.far().write(ByteBuffer.wrap(Bytes.random(100_000)));
        ends.far().closeOutput();
        ends.near().close();
        ends.far().close();
        requireOrderly(ends);
    }

    private static void requireOrderly(Connector.Ends ends) throws Exception {
        assertThat(Await.result(ends.near().closed()).isOrderly()).isTrue();
        assertThat(Await.result(ends.far().closed()).isOrderly()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAbortIsOneResetWithItsCode(boolean serverIsNear) throws Exception {
        try (Link link = Link.watched(leaks, frames)) {
            Connector.Ends ends = link.connect(serverIsNear);
            Flood flood = Flood.into(ends.near()).awaitStalled();
            ends.near().abort(ErrorCode.ENHANCE_YOUR_CALM);
            flood.failure();
            Await.result(ends.far().closed());
            ends.far().abort();
            link.relay().awaitQuiet();
            assertThat(frames.ofType(FrameLog.RST_STREAM)).singleElement().satisfies(reset -> {
                assertThat(reset.fromClient()).isEqualTo(!serverIsNear);
                assertThat(reset.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.wire());
            });
            assertThat(frames.ofType(FrameLog.GOAWAY)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatNeverEndsIsResetOnceAfterOurEnd(boolean serverIsNear) throws Exception {
        try (Link link = Link.watched(leaks, frames)) {
            Connector.Ends ends =
                    link.connect(serverIsNear, ConnectionOptions.defaults().closeTimeout(Duration.ofMillis(100)));
            ends.near().close();
            Await.result(ends.far().closed());
            link.relay().awaitQuiet();
            assertThat(frames.where(frame -> frame.endsStream() && frame.fromClient() != serverIsNear))
                    .hasSize(1);
            assertThat(frames.ofType(FrameLog.RST_STREAM)).singleElement().satisfies(reset -> {
                assertThat(reset.fromClient()).isEqualTo(!serverIsNear);
                assertThat(reset.errorCode()).isEqualTo((serverIsNear ? ErrorCode.NO_ERROR : ErrorCode.CANCEL).wire());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBurstOfSmallWritesBecomesFewFrames(boolean serverIsNear) throws Exception {
        int writes = 1_000;
        int fewest = writes;
        try (Link link = Link.watched(leaks, frames)) {
            Connector.Ends ends = link.connect(serverIsNear);
            // The first bursts run in the interpreter, and any may be interrupted: such writes come too slowly to be
            // one.
            for (long position = 0; position < 4L * 40 * writes; position += 4L * writes) {
                int before = frames.ofType(FrameLog.DATA).size();
                for (int i = 0; i < writes; i++) {
                    ends.near().write(Bytes.pattern(position + 4L * i, 4));
                }
                Bytes.readPattern(ends.far(), position, 4L * writes);
                fewest = Math.min(fewest, frames.ofType(FrameLog.DATA).size() - before);
            }
        }
        assertThat(fewest).isLessThan(writes / 10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndTravelsWithTheLastData(boolean serverIsNear) throws Exception {
        try (Link link = Link.watched(leaks, frames)) {
            Connector.Ends ends = link.connect(serverIsNear);
            Flood.fill(ends.near());
            ends.near().closeOutput();
            Bytes.readPatternToEnd(ends.far(), 0);
            assertThat(frames.where(frame -> frame.endsStream() && frame.fromClient() != serverIsNear))
                    .singleElement()
                    .satisfies(frame -> assertThat(frame.length()).isPositive());
        }
    }
}
