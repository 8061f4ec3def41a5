package io.h2conn;

import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.security.Principal;
import java.time.Duration;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a connection: where it comes from, what was asked for and answered. Safe for any thread, never
 * blocks, and stays readable after the connection has ended.
 */
public interface ConnectionInfo {
    /**
     * This side's address of the TCP connection beneath.
     *
     * @return the address, or {@code null} for an in-memory pair
     */
    @Nullable
    SocketAddress localAddress();

    /**
     * The peer's address of the TCP connection beneath; behind a proxy, the proxy's.
     *
     * @return the address, or {@code null} for an in-memory pair
     */
    @Nullable
    SocketAddress remoteAddress();

    /**
     * The TLS session, which also has the peer's certificates.
     *
     * @return the session, or {@code null} without TLS
     */
    @Nullable
    SSLSession tls();

    /**
     * The request's method (RFC 9113, section 8.3.1).
     *
     * @return for one, {@code POST}
     */
    String method();

    /**
     * The request's target: scheme, authority, path and query.
     *
     * @return an absolute URI
     */
    URI uri();

    /**
     * The headers of the request, without pseudo-header fields.
     *
     * @return the headers, names in lower case
     */
    HttpHeaders requestHeaders();

    /**
     * The response's status.
     *
     * @return 200 to 299, or 0 while a client that did not wait has no answer yet
     */
    int status();

    /**
     * The headers of the response, without pseudo-header fields.
     *
     * @return the headers, names in lower case; empty while a client that did not wait has no answer yet
     */
    HttpHeaders responseHeaders();

    /**
     * The trailers that the peer sent with its end.
     *
     * @return the trailers, or {@code null} if none have arrived
     */
    @Nullable
    HttpHeaders trailers();

    /**
     * How long the last heartbeat of the session took to the peer's HTTP/2 implementation and back; behind a proxy, to the
     * proxy. Heartbeats are sent when nothing has arrived for a while, so a busy session's is an old one.
     *
     * @return the time, or {@code null} while no heartbeat has been answered
     */
    @Nullable
    Duration roundTripTime();

    /**
     * Who the peer is, as established by the server's authentication or the peer's TLS certificate.
     *
     * @return the principal, or {@code null} if the peer is not authenticated
     */
    @Nullable
    Principal principal();
}
