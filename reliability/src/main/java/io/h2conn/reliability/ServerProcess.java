package io.h2conn.reliability;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.server.Acceptor;
import io.h2conn.server.DuplexServer;
import io.h2conn.server.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** The soak's server: one without and one with TLS. Obeys lines on its standard input, and answers on the output. */
final class ServerProcess {
    /** The request header that has the connection's id. */
    static final String ID = "soak-id";

    private final Settings settings;
    private final Surroundings surroundings;

    private ServerProcess(Settings settings, Surroundings surroundings) {
        this.settings = settings;
        this.surroundings = surroundings;
    }

    /**
     * Runs until the input ends.
     *
     * @param args none
     * @throws Exception if it cannot start
     */
    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        Surroundings surroundings = new Surroundings(System.out);
        ServerProcess process = new ServerProcess(Settings.parse(input.readLine()), surroundings);
        try (DuplexServer plain = process.builder().start();
                DuplexServer tls = process.builder().tls(Identity.context()).start()) {
            surroundings.say("ready", plain.port() + " " + tls.port());
            Obedience.run(input, surroundings, System.nanoTime());
        }
    }

    private DuplexServer.Builder builder() throws IOException, GeneralSecurityException {
        Acceptor acceptor = Acceptor.defaults().options(ConnectionOptions.defaults());
        return DuplexServer.builder()
                .host("127.0.0.1")
                .acceptor(acceptor)
                .admission(this::admit)
                .handle("/blocking", this::serveBlocking)
                .handleAsync("/async", this::serve);
    }

    private @Nullable Refusal admit(Request request) {
        long id = Long.parseLong(Objects.requireNonNull(request.getHeaders().get(ID)));
        return Plan.of(settings.seed(), id).ending() == Ending.REFUSED
                ? Refusal.status(503).body("refused because the plan says so")
                : null;
    }

    private void serveBlocking(DuplexConnection connection) throws IOException {
        try {
            serve(connection).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private CompletableFuture<@Nullable Void> serve(DuplexConnection connection) {
        long id =
                Long.parseLong(connection.info().requestHeaders().firstValue(ID).orElseThrow());
        surroundings.open().incrementAndGet();
        Entry entry = new Entry(id, Side.SERVER);
        return new Party(Plan.of(settings.seed(), id), connection, entry, surroundings).run();
    }
}
