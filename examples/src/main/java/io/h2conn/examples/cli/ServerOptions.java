package io.h2conn.examples.cli;

import io.h2conn.server.DuplexServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a server listens, and how it serves. */
public final class ServerOptions {
    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; " + "0.0.0.0 for all. Default: ${DEFAULT-VALUE}.")
    private String host = "";

    private int port;

    private int drainSeconds;

    @ArgGroup
    private @Nullable Tls tls;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** Encryption, one way or the other. */
    private static final class Tls {
        @Option(names = "--tls", required = true, description = "Serve https with a certificate made on the spot.")
        @SuppressWarnings("UnusedVariable") // without files this is the case
        private boolean selfSigned;

        @ArgGroup(exclusive = false)
        private @Nullable Files files;
    }

    private static final class Files {
        @Option(
                names = "--cert",
                paramLabel = "FILE",
                required = true,
                description = "Serve https with the " + "certificates in this PEM file.")
        private Path certificates = Path.of("");

        @Option(names = "--key", paramLabel = "FILE", required = true, description = "Their private key, a PEM file.")
        private Path key = Path.of("");
    }

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8000",
            description = "Port to listen on; 0 picks a " + "free one. Default: ${DEFAULT-VALUE}.")
    void setPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new ParameterException(spec().commandLine(), "--port must be from 0 to 65535 but was " + port);
        }
        this.port = port;
    }

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description =
                    "How long open connections may go on when the server is asked to end. Default: ${DEFAULT-VALUE}.")
    void setDrain(int seconds) {
        if (seconds < 0) {
            throw new ParameterException(spec().commandLine(), "--drain must not be negative but was " + seconds);
        }
        this.drainSeconds = seconds;
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not on a command line");
        }
        return spec;
    }

    /**
     * Serves until the thread is interrupted or the process is asked to end, which lets open connections finish for a while. Prints
     * {@code listening on} and the URL when clients can connect.
     *
     * @param handlers adds what to serve
     * @return the exit code
     * @throws IOException if the address is not available, or a file cannot be read
     * @throws GeneralSecurityException if this Java runtime cannot use the certificate
     */
    public int serve(UnaryOperator<DuplexServer.Builder> handlers) throws IOException, GeneralSecurityException {
        PrintWriter out = spec().commandLine().getOut();
        DuplexServer.Builder builder = DuplexServer.builder().host(host).port(port);
        SSLContext context = sslContext();
        if (context != null) {
            builder.tls(context);
        }
        try (DuplexServer server = handlers.apply(builder).start()) {
            Thread close = new Thread(() -> end(server), "close-server");
            Runtime.getRuntime().addShutdownHook(close);
            out.println("listening on " + server.uri());
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // The end of a server that runs inside a test; a process ends in the shutdown hook.
                Runtime.getRuntime().removeShutdownHook(close);
            }
        } catch (BindException e) {
            throw new IOException(e.getMessage() + "; --host and --port choose another, --port 0 a free one", e);
        }
        return 0;
    }

    private void end(DuplexServer server) {
        try {
            server.drain(Duration.ofSeconds(drainSeconds));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever waits for the end of this thread no longer does
        } finally {
            server.close();
        }
    }

    private @Nullable SSLContext sslContext() throws IOException, GeneralSecurityException {
        if (tls == null) {
            return null;
        }
        Identity identity = tls.files != null
                ? Identity.read(tls.files.certificates, tls.files.key)
                : Identity.selfSigned("localhost", "127.0.0.1", "::1", host);
        return identity.serverContext();
    }
}
