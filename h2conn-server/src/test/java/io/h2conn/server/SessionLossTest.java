package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connection says why it is over, when it is not its own doing; and that nothing is left of it then. */
class SessionLossTest {
    /** The window of a stream that nobody has enlarged (RFC 9113, section 6.9.2). */
    private static final int DEFAULT_WINDOW_BYTES = 65_535;

    private final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();
    private final CompletableFuture<DuplexConnection> accepted = new CompletableFuture<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private DuplexServer server;
    private RawPeer peer;

    @BeforeEach
    void start() throws Exception {
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .bufferPool(pool)
                .acceptor(
                        Acceptor.defaults().options(ConnectionOptions.defaults().sendBufferBytes(2_000_000)))
                .handle("/", connection -> {
                    accepted.complete(connection);
                    done.await();
                })
                .start();
        peer = new RawPeer(server.port());
        peer.headers(1, 0).flush().await(RawPeer.HEADERS);
    }

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        done.countDown();
        peer.close();
        server.close();
        assertThat(pool.getLeaks()).isEmpty();
    }

    private CloseReason reason() throws Exception {
        return Peer.get(Peer.get(accepted).closed().toCompletableFuture());
    }

    private static byte[] goAway(ErrorCode code, String reason) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.writeBytes(ByteBuffer.allocate(8).putInt(0).putInt(code.wire()).array());
        payload.writeBytes(reason.getBytes(UTF_8));
        return payload.toByteArray();
    }

    @Test
    void aTcpEndIsTheNetworks() throws Exception {
        peer.close();

        ConnectionFailure failure = reason().failure();

        assertThat(failure).isInstanceOf(ConnectionLostException.class);
        assertThat(failure.origin()).isEqualTo(Origin.NETWORK);
        assertThat(failure.errorCode()).isNull();
        assertThat(failure.retrySafe()).isFalse();
    }

    @Test
    void aGoAwayBeforeTheTcpEndIsThePeersAndKeepsItsWords() throws Exception {
        peer.frame(RawPeer.GOAWAY, 0, 0, goAway(ErrorCode.ENHANCE_YOUR_CALM, "too many pings"))
                .flush()
                .close();

        ConnectionFailure failure = reason().failure();

        assertThat(failure.origin()).isEqualTo(Origin.PEER);
        assertThat(failure.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        assertThat(failure.getMessage()).contains("ENHANCE_YOUR_CALM").contains("too many pings");
    }

    @Test
    void aPeerThatBreaksTheRulesIsNamedAsTheReason() throws Exception {
        // RFC 9113, section 6.9: an increment of 0 on the session is a connection error.
        peer.frame(RawPeer.WINDOW_UPDATE, 0, 0, new byte[4]).flush();

        ConnectionFailure failure = reason().failure();

        assertThat(failure.origin()).isEqualTo(Origin.LOCAL);
        assertThat(failure.errorCode()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
        assertThat(failure.getMessage()).contains("broke the rules");
    }

    @Test
    void aPeerThatOverrunsTheWindowIsNotTolerated() throws Exception {
        byte[] frame = new byte[16_384];
        try {
            for (int sent = 0; sent <= ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES; sent += frame.length) {
                peer.frame(RawPeer.DATA, 0, 1, frame).flush();
            }
        } catch (IOException e) {
            assertThat(e).hasMessageMatching(".*(pipe|reset).*"); // the server has hung up by then
        }

        assertThat(reason().code()).isEqualTo(ErrorCode.FLOW_CONTROL_ERROR);
    }

    @Test
    void aStopOfJettyIsThisSidesDoing() throws Exception {
        server.jetty().stop();

        assertThat(reason().origin()).isEqualTo(Origin.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWriteThatWaitsForTheWindowFailsWithTheReasonAndCountsWhatIsLost(boolean byReset) throws Exception {
        DuplexConnection connection = Peer.get(accepted);
        connection.write(ByteBuffer.allocate(1_000_000));
        int arrived = 0;
        while (arrived < DEFAULT_WINDOW_BYTES) {
            arrived += peer.await(RawPeer.DATA).payload().remaining();
        }

        if (byReset) {
            byte[] code = ByteBuffer.allocate(4).putInt(0x2a).array();
            peer.frame(RawPeer.RST_STREAM, 0, 1, code).flush();
        } else {
            peer.close();
        }

        CloseReason reason = reason();
        assertThat(reason.failure())
                .isInstanceOf(byReset ? ConnectionResetException.class : ConnectionLostException.class);
        assertThat(reason.origin()).isEqualTo(byReset ? Origin.PEER : Origin.NETWORK);
        assertThat(reason.bytesNotDelivered()).isBetween(1L, 1_000_000L);
    }

    @Test
    void dataThatNobodyReadsIsGivenBackWithTheConnection() throws Exception {
        for (int i = 0; i < 20; i++) {
            peer.frame(RawPeer.DATA, 0, 1, new byte[10_000]).flush();
        }
        DuplexConnection connection = Peer.get(accepted);
        assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(1);

        connection.abort(ErrorCode.CANCEL);

        assertThat(peer.await(RawPeer.RST_STREAM).payload().getInt()).isEqualTo(ErrorCode.CANCEL.wire());
        assertThat(reason().origin()).isEqualTo(Origin.LOCAL);
    }
}
