package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.DuplexConnector;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that Jetty or the client does to idle requests happens to an idle connection. */
class IdleTest {
    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(100);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest(name = "configured: {0}")
    @ValueSource(booleans = {true, false})
    void aConnectionMayBeIdleForLongerThanEveryIdleTimeout(boolean configured) throws Exception {
        Pairing pairing = new Pairing();
        Server server = impatient(configured);
        server.setHandler(pairing);
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort() + "/");
        try (DuplexClient client =
                DuplexClient.builder().idleTimeout(IDLE_TIMEOUT).build()) {
            DuplexConnection.Pair pair = pairing.connect(client, uri, ConnectionOptions.defaults());
            leaks.track(pair.client());
            leaks.track(pair.server());
            DuplexConnection.Pair reading = pairing.connect(client, uri, ConnectionOptions.defaults());
            Task<String> waiting = Task.start(() -> Bytes.readText(reading.server(), 5));
            exchange(pair);

            // Watches that nothing happens, for several times the time after which it would.
            assertThat(Await.becomes(
                            () -> !pair.client().isOpen() || !pair.server().isOpen(), IDLE_TIMEOUT.multipliedBy(6)))
                    .isFalse();

            exchange(pair);
            reading.client().write(Bytes.of("still"));
            assertThat(waiting.get()).isEqualTo("still");
            reading.client().close();
            reading.server().close();
            pair.client().close();
            pair.server().close();
        } finally {
            server.stop();
        }
    }

    /** With every idle timeout that Jetty has, set short. */
    private static Server impatient(boolean configured) {
        Server server = new Server();
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        HTTP2CServerConnectionFactory http2 = new HTTP2CServerConnectionFactory(configuration);
        http2.setStreamIdleTimeout(IDLE_TIMEOUT.toMillis());
        ServerConnector connector = new ServerConnector(server, http2);
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        if (configured) {
            DuplexConnector.configure(connector);
        }
        server.addConnector(connector);
        return server;
    }

    private static void exchange(DuplexConnection.Pair pair) throws Exception {
        pair.client().write(Bytes.of("ping"));
        assertThat(Bytes.readText(pair.server(), 4)).isEqualTo("ping");
        pair.server().write(Bytes.of("pong"));
        assertThat(Bytes.readText(pair.client(), 4)).isEqualTo("pong");
    }
}
