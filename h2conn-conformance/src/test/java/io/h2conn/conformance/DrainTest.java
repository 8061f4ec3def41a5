package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionLostException;
import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.UnreachableException;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.DuplexConnections;
import io.h2conn.server.DuplexConnector;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends that are announced: everybody is told, nobody is cut off who finishes in time. */
class DrainTest {
    private static final Duration LONG = Await.LIMIT;
    private static final Duration SHORT = Duration.ofMillis(100);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatDrainsTellsBothEndsAndWaitsForThem(boolean tls) throws Exception {
        try (Link link = Link.of(leaks, tls)) {
            Connector.Ends ends = link.connect(false);
            assertThat(ends.near().isDraining()).isFalse();
            Task<Boolean> draining = Task.start(() -> link.server().drain(LONG));
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                Await.result(end.draining());
                assertThat(end.isDraining()).isTrue();
                assertThat(end.isOpen()).isTrue();
            }
            ends.near().write(Bytes.of("what was begun is finished"));
            assertThat(Bytes.readText(ends.far(), 26)).isEqualTo("what was begun is finished");
            draining.awaitBlocked();
            ends.near().close();
            ends.far().close();
            assertThat(draining.get()).isTrue();
            assertThat(Await.result(ends.near().closed()).isOrderly()).isTrue();
        }
    }

    @Test
    void whatHasNotEndedByTheLimitIsReset() throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends ends = link.connect(false);
            assertThat(link.server().drain(SHORT)).isFalse();
            CloseReason reason = Await.result(ends.near().closed());
            assertThat(reason.failure()).isInstanceOf(ConnectionResetException.class);
            assertThat(reason.origin()).isEqualTo(Origin.PEER);
            assertThat(reason.code()).isEqualTo(ErrorCode.CANCEL);
        }
    }

    @Test
    void aServerThatDrainsTakesNoNewTcpConnections() throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends ends = link.connect(false);
            Task<Boolean> draining = Task.start(() -> link.server().drain(LONG));
            Await.result(ends.near().draining());
            URI direct = link.server().uri();
            // The operating system may accept one more while the socket closes; that session begins with its end.
            assertThatThrownBy(() -> link.client().connect(direct))
                    .isInstanceOfAny(UnreachableException.class, ConnectionLostException.class);
            ends.near().close();
            ends.far().close();
            draining.get();
        }
    }

    @Test
    void aClientThatDrainsTellsBothEndsAndMakesNoNewConnections() throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends ends = link.connect(false);
            Task<Boolean> draining = Task.start(() -> link.client().drain(LONG));
            Await.result(ends.near().draining());
            Await.result(ends.far().draining());
            assertThatThrownBy(() -> link.connect(false)).isInstanceOf(ConnectionClosedException.class);
            ends.far().write(Bytes.of("the last word"));
            assertThat(Bytes.readText(ends.near(), 13)).isEqualTo("the last word");
            ends.near().close();
            ends.far().close();
            assertThat(draining.get()).isTrue();
        }
    }

    @Test
    void aClientsDrainResetsWhatHasNotEndedByTheLimit() throws Exception {
        try (Link link = Link.of(leaks, false)) {
            Connector.Ends ends = link.connect(false);
            assertThat(link.client().drain(SHORT)).isFalse();
            assertThat(Await.result(ends.far().closed()).code()).isEqualTo(ErrorCode.CANCEL);
        }
    }

    /** A server whose connections come by way of somebody else's Jetty. */
    private static final class Mounted implements AutoCloseable {
        final Server server = new Server();
        final ServerConnector connector =
                new ServerConnector(server, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        final Pairing pairing = new Pairing();
        final DuplexClient client = DuplexClient.create();

        Mounted() throws Exception {
            connector.setHost("127.0.0.1");
            DuplexConnector.configure(connector);
            server.addConnector(connector);
            server.setHandler(pairing);
            server.start();
        }

        DuplexConnection.Pair connect() throws Exception {
            URI uri = URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/");
            return pairing.connect(client, uri, ConnectionOptions.defaults());
        }

        @Override
        public void close() throws Exception {
            client.close();
            server.stop();
        }
    }

    @Test
    void newConnectionsAreRefusedInAWayThatMakesItSafeToTryElsewhere() throws Exception {
        try (Mounted mounted = new Mounted()) {
            DuplexConnection.Pair open = mounted.connect();
            DuplexConnections connections = DuplexConnections.of(mounted.server);
            assertThat(connections.count()).isEqualTo(1);
            Task<Boolean> draining = Task.start(() -> connections.drain(LONG));
            Await.result(open.client().draining());
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(mounted::connect)
                        .isInstanceOfSatisfying(
                                ConnectionLostException.class,
                                e -> assertThat(e.retrySafe())
                                        .as(e.getMessage())
                                        .isTrue());
            }
            open.client().close();
            open.server().close();
            assertThat(draining.get()).isTrue();
            assertThat(connections.isDraining()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void jettysOwnGracefulStopIsADrain(boolean inTime) throws Exception {
        try (Mounted mounted = new Mounted()) {
            // Quiet for longer than what Jetty allows a connection while it stops.
            mounted.connector.setShutdownIdleTimeout(50);
            mounted.server.setStopTimeout(inTime ? LONG.toMillis() : 1_000);
            DuplexConnection.Pair open = mounted.connect();
            CompletableFuture<?> told = open.client().draining().toCompletableFuture();
            Task<Boolean> stopping = Task.run(mounted.server::stop);
            Await.result(told);
            Await.result(open.server().draining());
            if (inTime) {
                Await.never(() -> !open.client().isOpen(), "a quiet connection ends while the server stops");
                open.client().write(Bytes.of("finished"));
                assertThat(Bytes.readText(open.server(), 8)).isEqualTo("finished");
                open.client().close();
                open.server().close();
                assertThat(Await.result(open.client().closed()).isOrderly()).isTrue();
            } else {
                assertThat(Await.result(open.client().closed()).code()).isEqualTo(ErrorCode.CANCEL);
            }
            stopping.get();
            assertThat(DuplexConnections.of(mounted.server).count()).isZero();
        }
    }
}
