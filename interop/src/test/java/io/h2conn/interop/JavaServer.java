package io.h2conn.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.h2conn.CloseReason;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.server.ConnectionHandler;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;

/** The server of ours that foreign clients talk to. The paths do what the same paths of the Go program do. */
final class JavaServer implements AutoCloseable {
    /** Seconds. */
    private static final int PATIENCE = 30;
    /** How many messages {@code /leave} answers. */
    static final int MESSAGES_BEFORE_LEAVING = 2;

    private final Wire wire;
    private final DuplexServer server;
    private final BlockingQueue<DuplexConnection> accepted = new LinkedBlockingQueue<>();
    private final BlockingQueue<Amount.Exchange> exchanges = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> verified = new LinkedBlockingQueue<>();

    JavaServer(Wire wire) throws IOException {
        this.wire = wire;
        DuplexServer.Builder builder = DuplexServer.builder()
                .host("127.0.0.1")
                .port(0)
                .handle("/", noting(connection -> echo(connection, Integer.MAX_VALUE)))
                .handle("/leave", noting(connection -> echo(connection, MESSAGES_BEFORE_LEAVING)))
                .handle("/bulk", noting(connection -> exchanges.add(Amount.exchange(connection, GoPeer.BULK_BYTES, 2))))
                .handle("/count", noting(JavaServer::count))
                .handle("/fail", noting(JavaServer::fail))
                .handleAsync("/raw", connection -> {
                    accepted.add(connection);
                    return connection.listen(connection::writeAsync);
                });
        for (ValueExchange.Style style : ValueExchange.Style.values()) {
            builder.handle(
                    "/values/" + style,
                    noting(connection -> verified.add(ValueExchange.exchange(connection, style, 2, 1))));
        }
        if (wire == Wire.TLS) {
            builder.tls(Certificate.get().serverContext());
        }
        server = builder.start();
    }

    private ConnectionHandler noting(ConnectionHandler handler) {
        return connection -> {
            accepted.add(connection);
            handler.handle(connection);
        };
    }

    /** Answers JSON strings in upper case, to the end, or so many. */
    private static void echo(DuplexConnection connection, int messages) throws IOException {
        MessageConnection<String, String> json = MessageConnection.of(connection, JsonCodec.of(String.class));
        for (int i = 0; i < messages; i++) {
            String message = json.receive();
            if (message == null) {
                return;
            }
            json.send(message.toUpperCase(Locale.ROOT));
        }
    }

    /** Says nothing before the client's half has ended; then writes a line for each byte it has received. */
    private static void count(DuplexConnection connection) throws IOException {
        long received = Amount.receive(connection).bytes();
        for (long i = 1; i <= received; i++) {
            connection.write(ByteBuffer.wrap((i + "\n").getBytes(UTF_8)));
        }
    }

    /** Answers one message, and fails. */
    private static void fail(DuplexConnection connection) throws IOException {
        echo(connection, 1);
        throw new IOException("this handler fails after its first answer");
    }

    /** As text, for a command line. */
    String url(String path) {
        return uri(path).toString();
    }

    URI uri(String path) {
        return wire.uri(server.port(), path);
    }

    /** The connection that was accepted next. */
    DuplexConnection accepted() throws InterruptedException {
        DuplexConnection connection = accepted.poll(PATIENCE, SECONDS);
        if (connection == null) {
            throw new AssertionError("no connection was accepted within " + PATIENCE + " s");
        }
        return connection;
    }

    /** What went through the bulk connection that has ended next. */
    Amount.Exchange exchanged() throws InterruptedException {
        Amount.Exchange exchange = exchanges.poll(PATIENCE, SECONDS);
        if (exchange == null) {
            throw new AssertionError("no bulk connection ended within " + PATIENCE + " s");
        }
        return exchange;
    }

    /** How many values the next connection has received that has received all of its values. */
    int verified() throws InterruptedException {
        Integer count = verified.poll(PATIENCE, SECONDS);
        if (count == null) {
            throw new AssertionError("no connection verified its values within " + PATIENCE + " s");
        }
        return count;
    }

    /** How a connection ended. */
    static CloseReason closed(DuplexConnection connection)
            throws InterruptedException, ExecutionException, TimeoutException {
        return connection.closed().toCompletableFuture().get(PATIENCE, SECONDS);
    }

    @Override
    public void close() {
        server.close();
    }
}
