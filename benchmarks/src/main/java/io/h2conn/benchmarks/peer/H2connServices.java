package io.h2conn.benchmarks.peer;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.Broadcast;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.MessageConnection;
import io.h2conn.server.AsyncConnectionHandler;
import io.h2conn.server.ConnectionHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * The handlers of our servers: with calls that block, or without. The feed never holds a thread, as is advised for
 * connections that are idle.
 */
final class H2connServices {
    private final boolean nonBlocking;
    private final Broadcast<byte[]> feed = Broadcast.builder(Codecs.bytes()).build();

    H2connServices(boolean nonBlocking) {
        this.nonBlocking = nonBlocking;
    }

    /** How the server's connections behave. */
    ConnectionOptions options() {
        return ConnectionOptions.defaults().nonBlockingCallbacks(nonBlocking);
    }

    /** Where handlers go. */
    interface Routes {
        void handle(String path, ConnectionHandler handler);

        void handleAsync(String path, AsyncConnectionHandler handler);
    }

    void addTo(Routes routes) {
        for (Service service : Service.values()) {
            if (nonBlocking || service == Service.FEED) {
                routes.handleAsync(service.path(), connection -> serve(service, connection));
            } else {
                routes.handle(service.path(), connection -> LinkServices.serve(service, new DuplexLink(connection)));
            }
        }
    }

    private CompletionStage<?> serve(Service service, DuplexConnection connection) {
        return switch (service) {
            case ECHO -> connection.listen(connection::writeAsync);
            case SINK -> {
                Sink sink = new Sink();
                yield listen(connection, sink)
                        .thenCompose(ended -> write(connection, new Receipt(sink.received(), 0, null)));
            }
            case SOURCE -> new H2connSource(connection).serve();
            case MESSAGES -> messages(MessageConnection.of(connection, Codecs.bytes()));
            case FEED -> feed(connection);
        };
    }

    /** Gives all input to a sink. */
    static CompletionStage<?> listen(DuplexConnection connection, Sink sink) {
        return connection.listen(bytes -> {
            sink.take(bytes);
            return null;
        });
    }

    static CompletionStage<?> write(DuplexConnection connection, Receipt receipt) {
        return connection.writeAsync(ByteBuffer.wrap(receipt.toBytes()));
    }

    private static CompletionStage<?> messages(MessageConnection<byte[], byte[]> messages) {
        MessageSink sink = new MessageSink();
        return messages.listen(message -> {
                    sink.take(message);
                    return null;
                })
                .thenCompose(ended -> messages.sendAsync(sink.receipt().toBytes()));
    }

    private CompletionStage<?> feed(DuplexConnection connection) {
        MessageConnection<byte[], byte[]> messages = MessageConnection.of(connection, Codecs.bytes());
        feed.add(messages);
        return messages.listen(message -> {
            throw new IOException("a receiver of the feed has sent a message");
        });
    }

    int receivers() {
        return feed.size();
    }

    void broadcast(long n) throws IOException {
        feed.send(Messages.make(Messages.SMALL, n, 0));
    }
}
