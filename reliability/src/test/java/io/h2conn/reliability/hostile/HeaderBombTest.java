package io.h2conn.reliability.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client whose headers are small on the wire and large in memory, or do not end. */
class HeaderBombTest {
    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Siege siege = Siege.withoutTracking();

    @Test
    void largeHeadersAreAnsweredAndTheTcpConnectionGoesOn() throws Exception {
        Wire attacker = siege.attacker();
        Hpack large = Hpack.post("/echo").literal("x-long", "x".repeat(10_000));
        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 1, large.bytes()).flush();
        assertThat(attacker.await(Frame.HEADERS).stream()).isEqualTo(1);

        Hpack tooLarge = large.literal("x-more", "x".repeat(10_000));
        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 3, tooLarge.bytes()).flush();
        assertThat(attacker.await(Frame.HEADERS).stream()).isEqualTo(3); // a 431, as LimitsTest shows

        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 5, large.bytes()).flush();
        assertThat(attacker.await(Frame.HEADERS).stream()).isEqualTo(5);
        assertThat(siege.log().warnings()).isEmpty();
    }

    @Test
    void referencesToALargeFieldAreCountedAtTheirSizeAndEndTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        Hpack headers = Hpack.post("/echo").entering("x-bomb", "x".repeat(3_900));
        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 1, headers.bytes()).flush();
        attacker.await(Frame.HEADERS);
        // 4 KB on the wire would be 16 MB of headers.
        Hpack bomb = Hpack.post("/echo");
        for (int i = 0; i < 4_000; i++) {
            bomb.indexed(62);
        }
        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 3, bomb.bytes());
        attacker.flood(1);
        assertThat(attacker.ending().code()).isIn(ErrorCode.PROTOCOL_ERROR, null);
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("invalid_hpack_block"));
    }

    @Test
    void tenThousandFieldsEndTheTcpConnection() throws Exception {
        siege.leavesHalfAHeaderBlock();
        Wire attacker = siege.attacker();
        attacker.frame(Frame.HEADERS, 0, 1, Hpack.post("/echo").bytes());
        for (int i = 0; i < 10; i++) {
            Hpack fields = new Hpack();
            for (int j = 0; j < 1_000; j++) {
                fields.literal("a", "b");
            }
            attacker.frame(Frame.CONTINUATION, i == 9 ? Frame.END_HEADERS : 0, 1, fields.bytes());
        }
        attacker.flood(1);
        assertThat(attacker.ending().code()).isIn(ErrorCode.PROTOCOL_ERROR, null);
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("PROTOCOL_ERROR"));
    }

    @Test
    void aHeaderBlockThatIsNoHpackEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.frame(Frame.HEADERS, Frame.END_HEADERS, 1, Hpack.NONSENSE).flush();
        assertThat(attacker.ending().code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void halfHeaderBlocksAreGarbageWhenTheirTcpConnectionsAre() throws Exception {
        siege.leavesHalfAHeaderBlock();
        long before = Heap.used();
        for (int i = 0; i < 300; i++) {
            try (Wire attacker = siege.tcp()) {
                attacker.preface()
                        .frame(Frame.HEADERS, 0, 1, Hpack.post("/echo").bytes())
                        .frame(
                                Frame.CONTINUATION,
                                0,
                                1,
                                new Hpack().literal("x", "x".repeat(6_000)).bytes())
                        .flush();
                attacker.read().await(Frame.SETTINGS);
            }
        }
        Eventually.holds("only the bystander is left", () -> siege.tcpConnections() == 1);
        // Direct memory is freed a little after the collection.
        Eventually.holds("they are garbage", () -> Heap.used() - before < 4_000_000);
    }
}
