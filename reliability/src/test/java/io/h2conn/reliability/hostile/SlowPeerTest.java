package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.client.DuplexClient;
import io.h2conn.conformance.LeakCheck;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that opens a TCP connection and says little or nothing, to hold on to what the server keeps for it. */
class SlowPeerTest {
    private static final long IDLE_MILLIS = 300;

    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Siege siege = Siege.withoutTracking();

    @BeforeEach
    void beImpatient() {
        idleTimeout(IDLE_MILLIS);
    }

    /** For TCP connections from now on; the bystander's is older. */
    private void idleTimeout(long millis) {
        ((ServerConnector) siege.server().jetty().getConnectors()[0]).setIdleTimeout(millis);
    }

    /** Bytes of a session's beginning: none, part of the preface, all of it, half a frame, half a request. */
    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 10, 24, 28, 33, 45})
    void aPeerThatFallsSilentBeforeItsFirstRequestIsEndedAfterTheIdleTimeout(int bytes) throws Exception {
        Wire attacker = siege.tcp();
        attacker.bytes(Arrays.copyOf(beginning(), bytes)).flush().read();
        assertThat(attacker.ending().code()).isIn(ErrorCode.NO_ERROR, null);
    }

    private static byte[] beginning() {
        byte[] settings = {0, 0, 0, Frame.SETTINGS, 0, 0, 0, 0, 0};
        byte[] headers = {0, 0, 20, Frame.HEADERS, Frame.END_HEADERS, 0, 0, 0, 1, 0, 0, 0};
        byte[] all = Arrays.copyOf(Wire.PREFACE, Wire.PREFACE.length + settings.length + headers.length);
        System.arraycopy(settings, 0, all, Wire.PREFACE.length, settings.length);
        System.arraycopy(headers, 0, all, Wire.PREFACE.length + settings.length, headers.length);
        return all;
    }

    @Test
    void peersThatDripBytesCostTheServerLittle() throws Exception {
        int peers = 200;
        idleTimeout(30_000); // they never are
        long before = Heap.used();
        Wire[] attackers = new Wire[peers];
        for (int i = 0; i < peers; i++) {
            attackers[i] = siege.tcp()
                    .preface()
                    .frame(Frame.HEADERS, 0, 1, Hpack.post("/echo").bytes());
            attackers[i].flush();
        }
        for (int round = 0; round < 3; round++) {
            for (Wire attacker : attackers) {
                attacker.bytes((byte) 0).flush(); // the rest of a frame that never comes
            }
        }
        assertThat(Heap.used() - before).isLessThan(peers * 60_000L);
    }

    @Test
    void aConnectionThatIsQuietForMuchLongerIsNoSuchPeer() throws Exception {
        try (DuplexClient client = DuplexClient.create()) {
            DuplexConnection quiet = client.connect(siege.uri("/echo"));

            // Watches that nothing happens, for several times the time after which it would.
            Thread.sleep(4 * IDLE_MILLIS);

            quiet.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(quiet.input().readNBytes(3)).containsExactly(1, 2, 3);
            quiet.close();
        }
    }

    @Test
    void aRequestInPlainTextOfHttp1IsAnsweredAndEndsNothingElse() throws Exception {
        Wire attacker = siege.tcp();
        attacker.bytes("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII))
                .flush();
        byte[] answer = attacker.socket().getInputStream().readNBytes(12);
        assertThat(new String(answer, US_ASCII)).isEqualTo("HTTP/1.1 505");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0\0\0\0\0\0\0\0\0\0\0\0", "GET / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\nno"})
    void garbageIsAnsweredOrEnded(String garbage) throws Exception {
        Wire attacker = siege.tcp();
        attacker.bytes(garbage.getBytes(US_ASCII)).flush();
        attacker.socket().setSoTimeout(10_000);
        byte[] answer = attacker.socket().getInputStream().readAllBytes(); // to the end, which the server makes
        assertThat(new String(answer, US_ASCII)).matches("(?s)|HTTP/1.1 (4|5).*|...\\x07.*");
    }
}
