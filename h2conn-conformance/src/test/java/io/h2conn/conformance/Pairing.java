package io.h2conn.conformance;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import io.h2conn.server.Acceptor;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A Jetty handler that hands each connection to the test that has made it, found by a number in the query. */
final class Pairing extends Handler.Abstract.NonBlocking {
    private final AtomicLong numbers = new AtomicLong();
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(ConnectionOptions options, CompletableFuture<DuplexConnection> accepted) {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Waiting pair =
                Objects.requireNonNull(waiting.remove(request.getHttpURI().getQuery()), "nobody asked for it");
        pair.accepted.complete(Acceptor.defaults()
                .options(pair.options)
                .header("x-answer", "secret-of-the-answer")
                .accept(request, response, callback));
        return true;
    }

    /** Makes a pair over the wire. */
    DuplexConnection.Pair connect(DuplexClient client, URI server, ConnectionOptions options) throws Exception {
        String number = "pair=" + numbers.incrementAndGet();
        Waiting pair = new Waiting(options, new CompletableFuture<>());
        waiting.put(number, pair);
        DuplexConnection connection = client.connect(ConnectRequest.to(server.resolve("/pair?" + number))
                .header("authorization", "Bearer secret-of-the-request")
                .options(options));
        return new DuplexConnection.Pair(connection, Await.result(pair.accepted));
    }
}
