package io.h2conn.reliability.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that sends what costs the server more than itself, as fast as it can (RFC 9113, section 10.5). */
class FloodTest {
    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Siege siege = new Siege();

    private void assertThrownOut(Wire attacker, String why) throws Exception {
        // A GOAWAY that a flood is still on its way to may be lost with the TCP connection.
        assertThat(attacker.ending().code()).isIn(ErrorCode.ENHANCE_YOUR_CALM, null);
        Eventually.holds("a line in the log", () -> !siege.log().warnings().isEmpty());
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("ended the TCP connection with")
                        .contains("127.0.0.1:" + attacker.socket().getLocalPort())
                        .contains("ENHANCE_YOUR_CALM")
                        .contains(why));
    }

    @Test
    void rapidResetEndsTheTcpConnection() throws Exception {
        siege.leavesHalfAHeaderBlock(); // where the last batch was cut
        Wire attacker = siege.attacker();
        for (int stream = 1; stream < 20_000 && !attacker.isOver(); stream += 2) {
            attacker.post(stream, "/echo").number(Frame.RST_STREAM, stream, ErrorCode.CANCEL.wire());
            if (stream % 200 == 1) {
                attacker.flood(1);
            }
        }
        assertThrownOut(attacker, "resets in a second");
    }

    @Test
    void aPingFloodEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.PING, 0, 0, new byte[8]);
        attacker.flood(100_000);
        assertThrownOut(attacker, "the last one PING");
    }

    @Test
    void aFloodOfAnswersToNoPingEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        for (int i = 0; i < 100; i++) {
            attacker.frame(Frame.PING, Frame.ACK, 0, new byte[8]);
        }
        attacker.flood(2_000);
        assertThrownOut(attacker, "answers to PINGs");
    }

    @ParameterizedTest(name = "as an acknowledgement: {0}")
    @ValueSource(booleans = {false, true})
    void aSettingsFloodEndsTheTcpConnection(boolean ack) throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.SETTINGS, ack ? Frame.ACK : 0, 0);
        attacker.flood(100_000);
        assertThrownOut(attacker, "the last one SETTINGS");
    }

    @Test
    void aFloodOfEmptyDataEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush();
        attacker.frame(Frame.DATA, 0, 1);
        attacker.flood(100_000);
        assertThrownOut(attacker, "the last one DATA");
    }

    @Test
    void aFloodOfCreditOfZeroEndsTheTcpConnection() throws Exception {
        siege.leavesHalfAHeaderBlock(); // where the last batch was cut
        Wire attacker = siege.attacker();
        for (int stream = 1; stream < 20_000 && !attacker.isOver(); stream += 2) {
            attacker.post(stream, "/echo").number(Frame.WINDOW_UPDATE, stream, 0);
            if (stream % 200 == 1) {
                attacker.flood(1);
            }
        }
        assertThrownOut(attacker, "the last one WINDOW_UPDATE");
    }

    @Test
    void creditOfOneByteCostsThePeerMoreThanTheServer() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush();
        for (int i = 0; i < 1_000; i++) {
            attacker.number(Frame.WINDOW_UPDATE, 1, 1).number(Frame.WINDOW_UPDATE, 0, 1);
        }
        long before = Heap.used();
        attacker.flood(100);
        attacker.await();
        assertThat(Heap.used() - before).isLessThan(4_000_000);
        siege.bystander().goesOn();
    }

    /** Jetty queues each credit while it writes, and it writes for ever to a peer that does not read. */
    @Test
    void aFloodOfCreditByAPeerThatDoesNotReadEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.tcp().preface(Frame.SETTINGS_INITIAL_WINDOW_SIZE, 1 << 30);
        attacker.number(Frame.WINDOW_UPDATE, 0, 1 << 30).post(1, "/source").flush();
        long before = Heap.used();
        for (int i = 0; i < 1_000; i++) {
            attacker.number(Frame.WINDOW_UPDATE, 1, 1);
        }
        boolean hungUp = attacker.flood(20_000);

        assertThat(hungUp).as("the server has hung up").isTrue();
        assertThat(Heap.used() - before).isLessThan(16_000_000);
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("while it read nothing"));
    }

    @Test
    void aContinuationFloodEndsTheTcpConnection() throws Exception {
        siege.leavesHalfAHeaderBlock();
        Wire attacker = siege.attacker();
        attacker.frame(Frame.HEADERS, 0, 1, Hpack.post("/echo").bytes()).flush();
        attacker.frame(Frame.CONTINUATION, 0, 1);
        attacker.flood(100_000);
        assertThrownOut(attacker, "the last one CONTINUATION");
    }

    @Test
    void aFloodOfPrioritiesEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.PRIORITY, 0, 1, new byte[] {0, 0, 0, 3, 1});
        attacker.flood(100_000);
        assertThrownOut(attacker, "the last one PRIORITY");
    }

    @Test
    void aFloodOfUnknownFramesEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(0x42, 0, 0, new byte[8]);
        attacker.flood(100_000);
        assertThrownOut(attacker, "of no known type");
    }

    @Test
    void streamsBeyondTheLimitAreRefusedAndAFloodOfThemEndsTheTcpConnection() throws Exception {
        siege.leavesHalfAHeaderBlock(); // where the last batch was cut
        Wire attacker = siege.attacker();
        int opened = 0;
        for (int stream = 1; stream < 20_000 && !attacker.isOver(); stream += 2) {
            attacker.post(stream, "/held");
            opened++;
            if (opened % 100 == 0) {
                attacker.flood(1);
            }
        }
        assertThrownOut(attacker, "resets in a second");
        assertThat(siege.held()).hasSizeLessThanOrEqualTo(1_024);
    }

    /** CVE-2025-5115: credit that overflows the window makes the server reset the stream. */
    @Test
    void provokedResetsAreThePeersDoing() throws Exception {
        siege.leavesHalfAHeaderBlock(); // where the last batch was cut
        Wire attacker = siege.attacker();
        for (int stream = 1; stream < 20_000 && !attacker.isOver(); stream += 2) {
            attacker.post(stream, "/echo").number(Frame.WINDOW_UPDATE, stream, Integer.MAX_VALUE);
            if (stream % 200 == 1) {
                attacker.flood(1);
            }
        }
        assertThrownOut(attacker, "sent or provoked");
    }
}
