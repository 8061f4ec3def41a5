package io.h2conn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.Acceptor;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an exchange of small messages allocates: by all threads of this process, which has both ends, and beside the same
 * exchange written with Jetty alone.
 */
@Timeout(120)
class AllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int EXCHANGES = 20_000;

    /** Bytes for an exchange, over both ends, beyond what Jetty allocates for it. */
    private static final double MOST = 500;

    @FunctionalInterface
    private interface Exchange {
        void run() throws Exception;
    }

    @Test
    void anExchangeOfSmallMessagesAllocatesLittleBeyondJetty() throws Exception {
        double jetty;
        try (PlainJettyEcho echo = new PlainJettyEcho()) {
            jetty = allocated(echo::exchange);
        }
        double blocking = ours(false);
        double nonBlocking = ours(true);

        System.out.printf(
                "bytes allocated for an exchange: Jetty %.0f, h2conn %.0f, with a server that does not block %.0f%n",
                jetty, blocking, nonBlocking);
        assertThat(blocking - jetty).isLessThan(MOST);
        assertThat(nonBlocking - jetty).isLessThan(MOST);
    }

    private static double ours(boolean nonBlocking) throws Exception {
        ConnectionOptions options = ConnectionOptions.defaults().nonBlockingCallbacks(nonBlocking);
        DuplexServer.Builder builder = DuplexServer.builder()
                .host("127.0.0.1")
                .acceptor(Acceptor.defaults().options(options));
        if (nonBlocking) {
            builder.handleAsync("/echo", connection -> connection.listen(connection::writeAsync));
        } else {
            builder.handle("/echo", AllocationTest::echo);
        }
        try (DuplexServer server = builder.start();
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection =
                        client.connect(ConnectRequest.to(server.uri().resolve("/echo")))) {
            ByteBuffer message = ByteBuffer.allocate(64);
            ByteBuffer answer = ByteBuffer.allocate(64);
            return allocated(() -> {
                connection.write(message.clear());
                answer.clear();
                while (answer.hasRemaining()) {
                    connection.read(answer);
                }
            });
        }
    }

    private static void echo(DuplexConnection connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        while (connection.read(buffer.clear()) >= 0) {
            connection.write(buffer.flip());
        }
    }

    private static double allocated(Exchange exchange) throws Exception {
        repeat(exchange, WARM_UP);
        long before = allocatedByAllThreads();
        repeat(exchange, EXCHANGES);
        return (double) (allocatedByAllThreads() - before) / EXCHANGES;
    }

    private static void repeat(Exchange exchange, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            exchange.run();
        }
    }

    private static long allocatedByAllThreads() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return LongStream.of(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }
}
