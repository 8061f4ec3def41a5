package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server on a Jetty connector that nobody configured may lose input when TCP breaks, but never without saying so. */
class UnconfiguredBreakTest {
    private static final int BYTES = 400_000;
    private static final int ROUNDS = 20;

    private static Http2Transport transport;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @BeforeAll
    static void startServer() throws Exception {
        transport = Http2Transport.unconfigured();
    }

    @AfterAll
    static void stopServer() throws Exception {
        transport.close();
    }

    @ParameterizedTest(name = "TCP reset: {0}")
    @ValueSource(booleans = {false, true})
    void anEndIsOnlyReportedAfterAllThatCameBeforeIt(boolean reset) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            try (TcpRelay relay = new TcpRelay(transport.port(), TcpRelay.Tap.NONE)) {
                DuplexConnection.Pair pair = connect(relay);
                pair.client().write(Bytes.pattern(0, BYTES));
                pair.client().closeOutput();
                pair.client().flush();
                relay.awaitQuiet();
                relay.breakAll(reset);
                long read;
                try {
                    read = Bytes.readPatternToEnd(pair.server(), 0);
                } catch (IOException e) {
                    assertThat(e).isInstanceOf(ConnectionFailure.class);
                    continue;
                }
                assertThat(read).isEqualTo(BYTES);
            }
        }
    }

    @ParameterizedTest(name = "TCP reset: {0}")
    @ValueSource(booleans = {false, true})
    void aBreakWithoutAnEndIsALoss(boolean reset) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            try (TcpRelay relay = new TcpRelay(transport.port(), TcpRelay.Tap.NONE)) {
                DuplexConnection.Pair pair = connect(relay);
                Flood flood = Flood.into(pair.client());
                Bytes.readPattern(pair.server(), 0, 1000);
                relay.breakAll(reset);
                assertThatThrownBy(() -> Bytes.readPatternToEnd(pair.server(), 1000))
                        .isInstanceOf(ConnectionLostException.class);
                assertThat(flood.failure()).isInstanceOf(ConnectionLostException.class);
            }
        }
    }

    private DuplexConnection.Pair connect(TcpRelay relay) throws Exception {
        DuplexConnection.Pair pair = transport.connect(relay, ConnectionOptions.defaults());
        leaks.track(pair.client());
        leaks.track(pair.server());
        return pair;
    }
}
