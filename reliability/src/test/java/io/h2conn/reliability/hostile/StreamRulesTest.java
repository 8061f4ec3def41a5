package io.h2conn.reliability.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client that sends frames where they do not belong (RFC 9113, sections 5.1 and 6). */
class StreamRulesTest {
    private static final byte[] TEXT = {'h', 'e', 'l', 'l', 'o'};

    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Siege siege = new Siege();

    private void assertThrownOut(Wire attacker, ErrorCode code) throws Exception {
        assertThat(attacker.ending().code()).isIn(code, null);
        Eventually.holds("a line in the log", () -> !siege.log().warnings().isEmpty());
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("127.0.0.1:" + attacker.socket().getLocalPort())
                        .contains(code.toString()));
    }

    private void assertEchoes(Wire wire, int stream) throws Exception {
        wire.post(stream, "/echo")
                .frame(Frame.DATA, Frame.END_STREAM, stream, TEXT)
                .flush();
        Frame data = wire.await(Frame.DATA);
        while (!data.payload().hasRemaining()) {
            data = wire.await(Frame.DATA); // the end of the one before
        }
        assertThat(data.stream()).isEqualTo(stream);
        assertThat(data.payload()).isEqualTo(ByteBuffer.wrap(TEXT));
    }

    @Test
    void dataAfterTheEndResetsTheStream() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").frame(Frame.DATA, Frame.END_STREAM, 1, TEXT).flush();
        attacker.await(Frame.HEADERS);
        attacker.frame(Frame.DATA, 0, 1, TEXT).flush();
        assertThat(attacker.await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.STREAM_CLOSED.wire());
        attacker.await();
    }

    @Test
    void dataForAStreamThatHasEndedIsDropped() throws Exception {
        Wire attacker = siege.attacker();
        assertEchoes(attacker, 1);
        for (int i = 0; i < 5_000; i++) {
            attacker.frame(Frame.DATA, 0, 1, TEXT);
        }
        attacker.flush();
        assertEchoes(attacker, 3);
        assertThat(siege.log().lines()).isEmpty();
    }

    @Test
    void dataForAStreamThatWasNeverOpenedEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.DATA, 0, 7, TEXT).flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void dataForAStreamOfTheServersEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.DATA, 0, 4, TEXT).flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void dataForTheSessionEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.DATA, 0, 0, TEXT).flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void headersWithAnEvenNumberEndTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(2, "/echo").flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void headersForAStreamThatHasEndedEndTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        assertEchoes(attacker, 1);
        attacker.await();
        attacker.post(1, "/echo").flush();
        assertThrownOut(attacker, ErrorCode.STREAM_CLOSED);
    }

    @Test
    void headersTwiceEndTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").post(1, "/held").flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void trailersInTheMiddleResetTheStream() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        byte[] trailers = new Hpack().literal("x-trailer", "1").bytes();
        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 1, trailers).flush();
        assertThat(attacker.await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.PROTOCOL_ERROR.wire());
        attacker.await();
    }

    @Test
    void aResetOfAStreamThatWasNeverOpenedEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.number(Frame.RST_STREAM, 9, 8).flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void aPushByAClientEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        byte[] payload = ByteBuffer.allocate(4 + 3)
                .putInt(2)
                .put(new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84})
                .array();
        attacker.frame(Frame.PUSH_PROMISE, Frame.END_HEADERS, 1, payload).flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void aFrameAboveTheLimitEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").frame(Frame.DATA, 0, 1, new byte[64 * 1024 + 1]);
        attacker.flood(1);
        assertThrownOut(attacker, ErrorCode.FRAME_SIZE_ERROR);
    }

    @Test
    void aWindowInTheSettingsAboveTheLimitEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.settings(Frame.SETTINGS_INITIAL_WINDOW_SIZE, -1).flush();
        assertThrownOut(attacker, ErrorCode.FLOW_CONTROL_ERROR);
    }

    @Test
    void framesInTheMiddleOfAHeaderBlockEndTheTcpConnection() throws Exception {
        siege.leavesHalfAHeaderBlock();
        Wire attacker = siege.attacker();
        attacker.frame(Frame.HEADERS, 0, 1, Hpack.post("/echo").bytes())
                .frame(Frame.PING, 0, 0, new byte[8])
                .flush();
        assertThrownOut(attacker, ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void aClientThatSaysGoodbyeAndGoesOnIsServedOrEndedAndLeavesNothing() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        attacker.frame(Frame.GOAWAY, 0, 0, new byte[8]);
        for (int stream = 3; stream < 100; stream += 2) {
            attacker.post(stream, "/echo").frame(Frame.DATA, 0, stream, TEXT);
        }
        attacker.flood(1);
        siege.bystander().goesOn();
        Eventually.holds(
                "the connection that was there before", () -> !siege.held().isEmpty());
        assertThat(siege.held().element().isOpen()).isTrue();
        assertThat(siege.log().warnings()).isEmpty();
    }

    @Test
    void aPeerThatNeverEndsIsResetAfterTheCloseTimeout() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        siege.release(); // the handler returns, and the server closes
        assertThat(attacker.await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.NO_ERROR.wire());
        attacker.frame(Frame.DATA, 0, 1, TEXT).flush().await();
    }
}
