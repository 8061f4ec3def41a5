package io.h2conn.internal;

import io.h2conn.ConnectionInfo;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The facts about one side of a pair in memory. */
public final class MemoryInfo implements ConnectionInfo {
    private static final HttpHeaders NO_HEADERS = HttpHeaders.of(Map.of(), (name, value) -> true);
    private static final URI TARGET = URI.create("memory://pair/");

    private volatile @Nullable HttpHeaders received;

    /**
     * Takes what came with the peer's end.
     *
     * @param trailers the trailers, or {@code null} if it came without
     */
    public void onTrailers(@Nullable HttpHeaders trailers) {
        received = trailers;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    @Override
    public @Nullable SSLSession tls() {
        return null;
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public URI uri() {
        return TARGET;
    }

    @Override
    public HttpHeaders requestHeaders() {
        return NO_HEADERS;
    }

    @Override
    public int status() {
        return 200;
    }

    @Override
    public HttpHeaders responseHeaders() {
        return NO_HEADERS;
    }

    @Override
    public @Nullable HttpHeaders trailers() {
        return received;
    }

    @Override
    public @Nullable Duration roundTripTime() {
        return null;
    }

    @Override
    public @Nullable Principal principal() {
        return null;
    }

    @Override
    public String toString() {
        return method() + " " + TARGET;
    }
}
