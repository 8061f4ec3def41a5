package io.h2conn.examples.demo;

import io.h2conn.CloseReason;
import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.examples.chat.ChatMessage;
import io.h2conn.examples.chat.Room;
import io.h2conn.examples.cli.Identity;
import io.h2conn.examples.echo.EchoServer;
import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A server, its clients, and all that the library is for, in one process. */
@Command(
        name = "demo",
        description = {
            "Runs a server with TLS and its clients in one process: an echo, a chat of three users, and a large transfer"
                    + " in both directions at once.",
            "Needs nothing and takes less than half a minute."
        })
public final class Demo implements Callable<Integer> {
    private static final double MIB = 1024 * 1024;

    @Option(
            names = "--mib",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Size of the transfer, each way. " + "Default: ${DEFAULT-VALUE} MiB.")
    private int mib;

    @Spec
    private @Nullable CommandSpec spec;

    private final boolean interactive;
    private final List<DuplexConnection> connections = new ArrayList<>();
    private final LongAdder serverReceived = new LongAdder();
    private final CompletableFuture<Transfer.Result> serverSide = new CompletableFuture<>();
    private int messages;

    /**
     * Makes the program.
     *
     * @param interactive whether the output is a terminal, where progress needs one line only
     */
    public Demo(boolean interactive) {
        this.interactive = interactive;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Identity identity = Identity.selfSigned("localhost");
        Room room = new Room();
        DuplexServer.Builder builder = DuplexServer.builder()
                .host("127.0.0.1")
                .port(0)
                .tls(identity.serverContext())
                .handle("/echo", EchoServer::echo)
                .handle("/chat", room::serve)
                .handleAsync("/transfer", this::serveTransfer);
        try (DuplexServer server = builder.start();
                DuplexClient client =
                        DuplexClient.builder().trustStore(identity.trustStore()).build()) {
            String url = "https://localhost:" + server.port();
            out.println("server     " + url + "/ with a certificate made on the spot, the only one the client trusts");
            long begin = System.nanoTime();
            echo(connect(client, url + "/echo"), out);
            chat(client, url + "/chat", out);
            transfer(connect(client, url + "/transfer"), out);
            summary(begin, out);
        }
        return 0;
    }

    private CompletableFuture<?> serveTransfer(DuplexConnection connection) {
        return Transfer.start(connection, bytes(), serverReceived).whenComplete((result, failure) -> {
            if (failure == null) {
                serverSide.complete(result);
            } else {
                serverSide.completeExceptionally(failure);
            }
        });
    }

    private long bytes() {
        return mib * (long) MIB;
    }

    private DuplexConnection connect(DuplexClient client, String url) throws IOException {
        DuplexConnection connection = client.connect(url);
        connections.add(connection);
        return connection;
    }

    private void echo(DuplexConnection connection, PrintWriter out) throws IOException {
        try (MessageConnection<String, String> echo = MessageConnection.of(connection, JsonCodec.of(String.class))) {
            for (String text : List.of("hello", "full duplex", "grüße")) {
                echo.send(text);
                String answer = echo.receive();
                if (!text.toUpperCase(Locale.ROOT).equals(answer)) {
                    throw new IOException("echo of " + text + " was " + answer);
                }
                messages += 2;
                out.println("echo       " + text + " -> " + answer);
            }
        }
    }

    private void chat(DuplexClient client, String url, PrintWriter out) throws IOException {
        List<String> names = List.of("ann", "bob", "cy");
        List<MessageConnection<ChatMessage, ChatMessage>> users = new ArrayList<>();
        for (String name : names) {
            MessageConnection<ChatMessage, ChatMessage> user =
                    MessageConnection.of(connect(client, url), ChatMessage.JSON);
            user.send(new ChatMessage.Login(name));
            messages++;
            await(user, ChatMessage.Welcome.class);
            users.add(user);
        }
        for (int i = 0; i < users.size(); i++) {
            users.get(i).send(new ChatMessage.Post(null, null, "hello from " + names.get(i)));
            messages++;
            List<String> seen = new ArrayList<>();
            for (int j = 0; j < users.size(); j++) {
                ChatMessage.Post post = await(users.get(j), ChatMessage.Post.class);
                seen.add(names.get(j));
                if (!names.get(i).equals(post.user())) {
                    throw new IOException(names.get(j) + " got " + post);
                }
            }
            out.println("chat       " + names.get(i) + " said hello; seen by " + String.join(", ", seen));
        }
        for (MessageConnection<ChatMessage, ChatMessage> user : users) {
            user.close();
        }
    }

    /** Receives until a message of the type comes; notices about others may come in between. */
    private <T extends ChatMessage> T await(MessageConnection<ChatMessage, ?> user, Class<T> type) throws IOException {
        for (ChatMessage message = user.receive(); message != null; message = user.receive()) {
            messages++;
            if (type.isInstance(message)) {
                return type.cast(message);
            }
        }
        throw new IOException("the server has ended the chat");
    }

    private void transfer(DuplexConnection connection, PrintWriter out) throws Exception {
        LongAdder received = new LongAdder();
        long begin = System.nanoTime();
        CompletableFuture<Transfer.Result> clientSide = Transfer.start(connection, bytes(), received);
        while (!finished(clientSide, interactive ? 200 : 2_000)) {
            double sum = received.sum() + serverReceived.sum();
            String progress = String.format(
                    Locale.ROOT,
                    "transfer   %3.0f %% of %d MiB each way, %.0f MiB/s",
                    50 * sum / bytes(),
                    mib,
                    rate(sum, begin));
            out.print(interactive ? progress + "\r" : progress + "\n");
            out.flush();
        }
        Transfer.Result client = clientSide.join();
        Transfer.Result server = serverSide.join();
        connection.close();
        if (!client.matches(server)) {
            throw new IOException("the sides differ: client " + client + ", server " + server);
        }
        out.printf(
                Locale.ROOT,
                "transfer   %d MiB each way at once: CRC32C %s there and %s back agree, %.0f MiB/s%n",
                mib,
                client.sentChecksum(),
                client.receivedChecksum(),
                rate(2.0 * bytes(), begin));
    }

    private static boolean finished(CompletableFuture<?> task, long millis) throws Exception {
        try {
            task.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : e;
        }
    }

    private static double rate(double bytes, long begin) {
        return bytes / MIB / ((System.nanoTime() - begin) / 1e9);
    }

    private void summary(long begin, PrintWriter out) throws Exception {
        Set<Object> tcpConnections = new HashSet<>();
        long bytes = 0;
        for (DuplexConnection connection : connections) {
            CloseReason reason = connection.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            if (!reason.isOrderly()) {
                throw new IOException(connection + " ended with " + reason);
            }
            bytes += reason.bytesSent() + reason.bytesReceived();
            tcpConnections.add(connection.info().localAddress());
        }
        out.printf(
                Locale.ROOT,
                "summary    %d connections over %d TCP connection%s, %d messages, %.1f MiB in %.1f s: %.0f MiB/s%n",
                connections.size(),
                tcpConnections.size(),
                tcpConnections.size() == 1 ? "" : "s",
                messages,
                bytes / MIB,
                (System.nanoTime() - begin) / 1e9,
                rate((double) bytes, begin));
    }
}
