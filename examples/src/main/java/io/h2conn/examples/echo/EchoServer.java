package io.h2conn.examples.echo;

import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.examples.cli.ServerOptions;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Answers what it gets. */
@Command(
        name = "echo-server",
        description = {
            "Answers each JSON string in upper case on /, and each byte with the same byte on /raw.",
            "Ends with ctrl-C or SIGTERM."
        })
public final class EchoServer implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        return options.serve(server -> server.handle("/", EchoServer::echo).handleAsync("/raw", EchoServer::echoBytes));
    }

    /**
     * Serves one connection on a thread of its own.
     *
     * @param connection the connection; closed when this returns
     * @throws IOException if the connection breaks
     */
    public static void echo(DuplexConnection connection) throws IOException {
        MessageConnection<String, String> messages = MessageConnection.of(connection, JsonCodec.of(String.class));
        try {
            String message;
            while ((message = messages.receive()) != null) {
                messages.send(message.toUpperCase(Locale.ROOT));
            }
        } catch (CodecException e) {
            // Not a JSON string: the client's mistake. Thrown on, it would be logged as ours.
            connection.abort(ErrorCode.PROTOCOL_ERROR);
        }
    }

    /**
     * Serves one connection without holding a thread.
     *
     * @param connection the connection; closed when the result completes
     * @return completes at the end of the input
     */
    public static CompletionStage<?> echoBytes(DuplexConnection connection) {
        // The next piece comes when the answer to this one was accepted: that is the backpressure.
        return connection.listen(connection::writeAsync);
    }
}
