package io.h2conn.server;

import io.h2conn.ConnectionFailure;
import io.h2conn.ConnectionLostException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.internal.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Jetty handler that makes every request a connection and gives it to a {@link ConnectionHandler} or an
 * {@link AsyncConnectionHandler}. Mount it where a Jetty handler can be mounted, on the paths that are for connections.
 *
 * <p>A request that did not come by HTTP/2 is answered with 505.
 */
public final class DuplexHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(DuplexHandler.class);

    private static final Refusal NOT_HTTP_2 = Refusal.status(HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505)
            .body("This path is for full-duplex connections over HTTP/2. Connect by HTTP/2: over TLS it is"
                    + " negotiated by ALPN (h2); without TLS, use prior knowledge, as in:"
                    + " curl --http2-prior-knowledge\n");

    private static final String UNSENT = "what its handler wrote could not all be sent";

    private final Acceptor acceptor;
    private final @Nullable Admission admission;
    private final Consumer<DuplexConnection> service;
    private final boolean outlivesRequests;

    private DuplexHandler(
            Acceptor acceptor,
            @Nullable Admission admission,
            Consumer<DuplexConnection> service,
            boolean outlivesRequests) {
        // Accepting never blocks, and the service runs elsewhere: Jetty need not spend another thread on this.
        super(admission == null ? InvocationType.NON_BLOCKING : InvocationType.BLOCKING);
        this.acceptor = acceptor;
        this.admission = admission;
        this.service = service;
        this.outlivesRequests = outlivesRequests;
    }

    /**
     * Serves connections with calls that block.
     *
     * @param handler runs once for each connection, on the executor of the acceptor's options or, by default, on the
     *     library's own threads; never on Jetty's
     * @return the Jetty handler
     */
    public static DuplexHandler blocking(ConnectionHandler handler) {
        return blocking(handler, Acceptor.defaults());
    }

    /**
     * Serves connections with calls that block.
     *
     * @param handler runs once for each connection, on the executor of the acceptor's options or, by default, on the
     *     library's own threads; never on Jetty's
     * @param acceptor how connections are made
     * @return the Jetty handler
     */
    public static DuplexHandler blocking(ConnectionHandler handler, Acceptor acceptor) {
        Objects.requireNonNull(handler, "handler");
        return new DuplexHandler(
                acceptor,
                null,
                connection -> Threads.execute(acceptor.options().executor(), () -> serve(handler, connection)),
                false);
    }

    /**
     * Serves connections without holding a thread.
     *
     * @param handler runs once for each connection
     * @return the Jetty handler
     */
    public static DuplexHandler async(AsyncConnectionHandler handler) {
        return async(handler, Acceptor.defaults());
    }

    /**
     * Serves connections without holding a thread.
     *
     * @param handler runs once for each connection
     * @param acceptor how connections are made
     * @return the Jetty handler
     */
    public static DuplexHandler async(AsyncConnectionHandler handler, Acceptor acceptor) {
        Objects.requireNonNull(handler, "handler");
        Consumer<DuplexConnection> service = acceptor.options().nonBlockingCallbacks()
                ? connection -> serveAsync(handler, connection)
                : connection -> Threads.execute(acceptor.options().executor(), () -> serveAsync(handler, connection));
        return new DuplexHandler(acceptor, null, service, false);
    }

    /**
     * Sets who decides which requests get a connection.
     *
     * @param admission asked for each request
     * @return a copy with this setting
     */
    public DuplexHandler admission(Admission admission) {
        return new DuplexHandler(acceptor, Objects.requireNonNull(admission, "admission"), service, outlivesRequests);
    }

    /** A copy whose requests are complete for Jetty, and can be garbage, as soon as they are connections. */
    DuplexHandler outlivingRequests() {
        return new DuplexHandler(acceptor, admission, service, true);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_2) {
            NOT_HTTP_2.send(response, callback);
            return true;
        }
        Refusal refusal = admission == null ? null : admission.check(request);
        if (refusal != null) {
            refusal.send(response, callback);
        } else {
            acceptor.accept(request, response, callback, service, outlivesRequests);
        }
        return true;
    }

    private static void serve(ConnectionHandler handler, DuplexConnection connection) {
        try {
            handler.handle(connection);
        } catch (Throwable t) {
            fail(connection, t);
            return;
        }
        try {
            connection.close();
        } catch (Exception e) {
            report(connection, UNSENT, e);
        }
    }

    private static void serveAsync(AsyncConnectionHandler handler, DuplexConnection connection) {
        CompletionStage<?> stage;
        try {
            stage = Objects.requireNonNull(handler.handle(connection), "the handler returned null instead of a stage");
        } catch (Throwable t) {
            fail(connection, t);
            return;
        }
        CompletionStage<?> unused = stage.whenComplete((result, failure) -> {
            if (failure == null) {
                closeAsync(connection);
            } else if (failure instanceof CompletionException && failure.getCause() != null) {
                fail(connection, failure.getCause());
            } else {
                fail(connection, failure);
            }
        });
    }

    private static void closeAsync(DuplexConnection connection) {
        CompletionStage<?> unused = connection.closeAsync().whenComplete((closed, unsent) -> {
            if (unsent != null) {
                report(connection, UNSENT, unsent);
            }
        });
    }

    private static void fail(DuplexConnection connection, Throwable cause) {
        report(connection, "its handler failed", cause);
        connection.abort(ErrorCode.INTERNAL_ERROR);
    }

    /**
     * One line at the most for what networks and peers do every day, a stack trace for what looks like a mistake in the
     * handler. None where a peer could otherwise fill the log by resetting streams, or ending sessions, as it likes.
     */
    private static void report(DuplexConnection connection, String what, Throwable cause) {
        Throwable reason = cause instanceof UncheckedIOException e ? e.getCause() : cause;
        if (reason instanceof ConnectionLostException
                || (reason instanceof ConnectionFailure failure && failure.origin() == Origin.PEER)) {
            LOG.debug("{}: {}: {}", connection.id(), what, reason.getMessage());
        } else if (reason instanceof ConnectionFailure) {
            LOG.info("{}: {}: {}", connection.id(), what, reason.getMessage());
        } else if (reason instanceof IOException) {
            LOG.warn("{}: {}: {}", connection.id(), what, reason.toString());
            LOG.debug("{}: {}", connection.id(), what, cause);
        } else {
            LOG.warn("{}: {}", connection.id(), what, cause);
        }
    }
}
