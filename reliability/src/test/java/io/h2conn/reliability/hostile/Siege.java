package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.Acceptor;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A server under attack, and a client with a TCP connection of its own that goes on working. After each test the bystander
 * must have noticed nothing, the server must be rid of everything, and the log must not have been flooded.
 */
final class Siege implements BeforeEachCallback, AfterEachCallback {
    /** Lines that one attack may leave in the log. */
    private static final int FEW = 3;

    private final boolean tracked;
    private final List<Wire> attackers = new ArrayList<>();
    private final Queue<DuplexConnection> accepted = new ConcurrentLinkedQueue<>();
    private ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();
    private CountDownLatch release = new CountDownLatch(1);
    private boolean headersCut;
    private @Nullable DuplexServer server;
    private @Nullable DuplexClient client;
    private @Nullable Bystander bystander;
    private @Nullable Log log;

    Siege() {
        this(true);
    }

    private Siege(boolean tracked) {
        this.tracked = tracked;
    }

    /** Where memory is measured: a pool that tracks leaks notes down who has retained each buffer, for ever. */
    static Siege withoutTracking() {
        return new Siege(false);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        log = new Log();
        headersCut = false;
        release = new CountDownLatch(1);
        pool = new ArrayByteBufferPool.Tracking();
        server = DuplexServer.builder()
                .host("127.0.0.1")
                .bufferPool(tracked ? pool : new ArrayByteBufferPool())
                .acceptor(
                        Acceptor.defaults().options(ConnectionOptions.defaults().closeTimeout(Duration.ofMillis(200))))
                .handle("/echo", connection -> connection.input().transferTo(connection.output()))
                .handle("/held", this::hold)
                .handle("/source", Siege::writeForEver)
                .start();
        client = DuplexClient.create();
        bystander = new Bystander(client.connect(uri("/echo")));
        bystander.goesOn();
    }

    private void hold(DuplexConnection connection) throws InterruptedException {
        accepted.add(connection);
        release.await();
    }

    private static void writeForEver(DuplexConnection connection) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(32 * 1024);
        while (connection.isOpen()) {
            connection.write(data.clear());
        }
    }

    DuplexServer server() {
        assertThat(server).isNotNull();
        return server;
    }

    URI uri(String path) {
        return server().uri().resolve(path);
    }

    Bystander bystander() {
        assertThat(bystander).isNotNull();
        return bystander;
    }

    Log log() {
        assertThat(log).isNotNull();
        return log;
    }

    /** Connections of {@code /held} that were accepted so far. */
    Queue<DuplexConnection> held() {
        return accepted;
    }

    /** A TCP connection on which nothing was sent. */
    Wire tcp() throws IOException {
        Wire wire = new Wire(new Socket(InetAddress.getLoopbackAddress(), server().port()));
        attackers.add(wire);
        return wire;
    }

    /** A session that was opened as it should be, and that reads what comes. */
    Wire attacker(int... settings) throws Exception {
        Wire wire = tcp().preface(settings).flush().read();
        wire.await(Frame.SETTINGS);
        return wire.frame(Frame.SETTINGS, Frame.ACK, 0).flush();
    }

    /** Lets all handlers of {@code /held} return. */
    void release() {
        release.countDown();
    }

    /**
     * Jetty does not give back the buffer with half a header block when the session ends. The pool holds on to such a
     * buffer weakly, so that it is garbage: {@link HeaderBombTest} shows that it is.
     */
    void leavesHalfAHeaderBlock() {
        headersCut = true;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            bystander().goesOn();
            for (Wire attacker : attackers) {
                attacker.close();
            }
            release();
            Eventually.holds("only the bystander's connection is left on " + server(), () -> openConnections() == 1);
            bystander().goesOn();
            bystander().end();
        } finally {
            if (client != null) {
                client.close();
            }
            server().close();
            log().close();
            attackers.clear();
            accepted.clear();
        }
        if (!headersCut) {
            assertThat(pool.getLeaks()).isEmpty();
        }
        assertThat(log().lines()).hasSizeLessThanOrEqualTo(FEW * Math.max(1, attackers.size()));
    }

    /** TCP connections that the server has. */
    int tcpConnections() {
        return server().jetty().getConnectors()[0].getConnectedEndPoints().size();
    }

    private int openConnections() {
        String text = server().toString();
        return Integer.parseInt(text.replaceAll(".*, (\\d+) connections.*", "$1"));
    }

    /** Echoes messages of its own all the time, on another TCP connection, and looks at each. */
    static final class Bystander {
        private final DuplexConnection connection;
        private final Thread thread = new Thread(this::run, "bystander");
        private final AtomicLong done = new AtomicLong();
        private volatile boolean ending;
        private volatile @Nullable Throwable failure;

        Bystander(DuplexConnection connection) {
            this.connection = connection;
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                while (!ending) {
                    byte[] message = ("message " + done.get()).getBytes(UTF_8);
                    connection.write(ByteBuffer.wrap(message));
                    assertThat(connection.input().readNBytes(message.length)).isEqualTo(message);
                    done.incrementAndGet();
                }
                connection.close();
            } catch (Throwable t) {
                failure = t;
            }
        }

        /** A hundred more messages are answered. */
        void goesOn() throws Exception {
            long enough = done.get() + 100;
            Eventually.holds("the bystander goes on", () -> failure != null || done.get() >= enough);
            assertThat(failure).isNull();
        }

        void end() throws InterruptedException {
            ending = true;
            thread.join(SECONDS.toMillis(10));
            assertThat(failure).isNull();
        }
    }
}
