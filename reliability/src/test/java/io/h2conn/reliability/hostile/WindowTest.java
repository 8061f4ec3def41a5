package io.h2conn.reliability.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that abuses flow control (RFC 9113, section 5.2), and what unread bytes cost, however they are cut. */
class WindowTest {
    /** Bytes. The first window of a stream. */
    private static final int WINDOW = 512 * 1024;

    /** Bytes. What a server reads with. */
    private static final int NETWORK_BUFFER = 64 * 1024;

    @RegisterExtension
    @SuppressWarnings("unused")
    final LeakCheck leaks = new LeakCheck();

    @RegisterExtension
    final Siege siege = Siege.withoutTracking();

    @Test
    void creditThatOverflowsAStreamsWindowResetsThatStream() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        attacker.number(Frame.WINDOW_UPDATE, 1, Integer.MAX_VALUE).flush();

        assertThat(attacker.await(Frame.RST_STREAM).code()).isEqualTo(ErrorCode.FLOW_CONTROL_ERROR.wire());
        attacker.await();
        siege.release();
        assertThat(siege.log().warnings()).isEmpty();
    }

    @Test
    void creditThatOverflowsTheSessionsWindowEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.number(Frame.WINDOW_UPDATE, 0, Integer.MAX_VALUE).flush();

        assertThat(attacker.ending().code()).isEqualTo(ErrorCode.FLOW_CONTROL_ERROR);
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("FLOW_CONTROL_ERROR"));
    }

    @Test
    void moreThanTheWindowEndsTheTcpConnection() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush();
        attacker.frame(Frame.DATA, 0, 1, new byte[16_384]);
        attacker.flood(WINDOW / 16_384 + 1);

        assertThat(attacker.ending().code()).isIn(ErrorCode.FLOW_CONTROL_ERROR, null);
        assertThat(siege.log().warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("FLOW_CONTROL_ERROR"));
    }

    @Test
    void aPeerThatNeverGivesCreditHoldsOneSendBufferAndGoesWithItsTcpConnection() throws Exception {
        Wire attacker = siege.attacker(Frame.SETTINGS_INITIAL_WINDOW_SIZE, 0);
        long before = Heap.used();
        for (int stream = 1; stream < 100; stream += 2) {
            attacker.post(stream, "/source").flush();
        }
        for (int i = 0; i < 50; i++) {
            attacker.await(Frame.HEADERS);
        }
        attacker.await();
        // Each connection's send buffer is 64 KiB, and a handler that waits to write has a thread.
        assertThat(Heap.used() - before).isLessThan(50 * 300_000);
        assertThat(attacker.count(Frame.DATA)).isZero();
    }

    @ParameterizedTest(name = "{0} bytes a frame")
    @ValueSource(ints = {1, 100, 8_191})
    void unreadBytesCostTheSameHoweverTheyAreCut(int size) throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        long before = Heap.used();
        byte[] payload = new byte[size];
        for (int sent = 0; sent + size <= WINDOW; sent += size) {
            attacker.frame(Frame.DATA, 0, 1, payload);
            if (attacker.pending() > 100_000) {
                attacker.flush();
            }
        }
        attacker.flush().await();
        // Twice the bytes, one network buffer for their session, and what else has come into being meanwhile.
        assertThat(Heap.used() - before).isLessThan(2 * WINDOW + NETWORK_BUFFER + 700_000);

        Eventually.holds("the connection", () -> !siege.held().isEmpty());
        assertThat(readable(siege.held().element())).isEqualTo(WINDOW / size * size);
    }

    private static int readable(DuplexConnection connection) throws Exception {
        int total = 0;
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (connection.input().available() > 0) {
            total += connection.read(buffer.clear());
        }
        return total;
    }

    /** Each piece comes alone in its network buffer; the rest of that is for a stream that is gone. */
    @ParameterizedTest(name = "{0} bytes a frame")
    @ValueSource(ints = {1, 8_191, 8_192, 16_384})
    void unreadBytesDoNotHoldOnToTheNetworkBuffersTheyCameIn(int size) throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        Eventually.holds("a first connection", () -> !siege.held().isEmpty());
        attacker.number(Frame.RST_STREAM, 1, ErrorCode.CANCEL.wire()).flush();
        siege.held().remove();
        int streams = size == 1 ? 200 : 20;
        int pieces = Math.max(1, Math.min(16, WINDOW / 4 / size));
        for (int i = 0; i < streams; i++) {
            attacker.post(3 + 2 * i, "/held").flush().await(Frame.HEADERS);
        }
        long before = Heap.used();
        for (int i = 0; i < streams; i++) {
            for (int piece = 0; piece < (size == 1 ? 1 : pieces); piece++) {
                attacker.frame(Frame.DATA, 0, 3 + 2 * i, new byte[size]);
                for (int filler = size; filler < NETWORK_BUFFER; filler += 16_384) {
                    attacker.frame(Frame.DATA, 0, 1, new byte[16_384]);
                }
                attacker.flush();
            }
        }
        attacker.await();
        long unread = siege.held().stream().mapToLong(WindowTest::available).sum();
        long held = size < 8_192 ? 0 : 2 * unread + (long) streams * NETWORK_BUFFER;
        assertThat(Heap.used() - before).isLessThan(2 * unread + held + 3_000_000);
    }

    private static int available(DuplexConnection connection) {
        try {
            return connection.input().available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void paddingIsGivenBackInBatches() throws Exception {
        Wire attacker = siege.attacker();
        attacker.post(1, "/held").flush().await(Frame.HEADERS);
        attacker.await();
        int before = attacker.count(Frame.WINDOW_UPDATE);
        // A frame of 256 bytes of padding and nothing else: many windows of it.
        byte[] padding = new byte[256];
        padding[0] = (byte) 255;
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 1_000; j++) {
                attacker.frame(Frame.DATA, Frame.PADDED, 1, padding);
            }
            attacker.flush().await();
        }
        int frames = attacker.count(Frame.WINDOW_UPDATE) - before;
        assertThat(frames).isBetween(10_000 * 256 / WINDOW, 10_000 * 256 / WINDOW * 5);
        assertThat(attacker.isOver()).isFalse();
    }

    @Test
    void aPeerThatNeverReadsItsTcpConnectionHoldsABoundedAmount() throws Exception {
        Wire attacker = siege.tcp().preface(Frame.SETTINGS_INITIAL_WINDOW_SIZE, 1 << 30);
        attacker.number(Frame.WINDOW_UPDATE, 0, 1 << 30);
        long before = Heap.used();
        for (int stream = 1; stream < 40; stream += 2) {
            attacker.post(stream, "/source");
        }
        attacker.flush();
        siege.bystander().goesOn();
        // Twenty send buffers, a frame of each under way, and twenty handlers with a thread and a buffer each.
        assertThat(Heap.used() - before).isLessThan(20 * 400_000);
    }
}
