package io.h2conn.server;

import java.time.Duration;

/**
 * What a server takes on at most, so that it refuses rather than dies. For {@link DuplexServer.Builder#limits} and
 * {@link DuplexConnections#limits}. Immutable: each method that sets something returns a copy.
 *
 * <p>A request beyond a limit of the whole server is answered 503, one beyond a limit for its address 429, with a body that
 * names the limit and a {@code retry-after} header. Nothing was done with it then: it is safe to send it elsewhere, or again
 * later. A client of this library reports {@link io.h2conn.ConnectionRefusedException}.
 *
 * <p>Limits for an address are off by default: behind a proxy, and behind the gateway of a large office or a mobile network, many
 * have one address. An IPv6 address stands for its first 64 bits, since whoever has one has all with these. Where Jetty's
 * {@link org.eclipse.jetty.server.ForwardedRequestCustomizer} is in use, connections are counted by the address that it finds.
 */
public final class ServerLimits {
    /** No limit. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** How many connections a server has at most. An idle one takes some 2 KB. */
    public static final int DEFAULT_MAX_CONNECTIONS = 100_000;

    /** How many TCP connections an embedded server has at most. */
    public static final int DEFAULT_MAX_TCP_CONNECTIONS = 100_000;

    /** How long a TCP connection may take to begin to speak HTTP: 10 seconds. */
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private static final ServerLimits DEFAULTS = new ServerLimits(
            DEFAULT_MAX_CONNECTIONS,
            UNLIMITED,
            UNLIMITED,
            DEFAULT_MAX_TCP_CONNECTIONS,
            UNLIMITED,
            DEFAULT_HANDSHAKE_TIMEOUT,
            Runtime.getRuntime().maxMemory() / 4);

    private final int maxConnections;
    private final int maxConnectionsPerAddress;
    private final int maxConnectsPerSecondPerAddress;
    private final int maxTcpConnections;
    private final int maxTcpConnectionsPerAddress;
    private final Duration handshakeTimeout;
    private final long maxBufferedBytes;

    private ServerLimits(
            int maxConnections,
            int maxConnectionsPerAddress,
            int maxConnectsPerSecondPerAddress,
            int maxTcpConnections,
            int maxTcpConnectionsPerAddress,
            Duration handshakeTimeout,
            long maxBufferedBytes) {
        this.maxConnections = maxConnections;
        this.maxConnectionsPerAddress = maxConnectionsPerAddress;
        this.maxConnectsPerSecondPerAddress = maxConnectsPerSecondPerAddress;
        this.maxTcpConnections = maxTcpConnections;
        this.maxTcpConnectionsPerAddress = maxTcpConnectionsPerAddress;
        this.handshakeTimeout = handshakeTimeout;
        this.maxBufferedBytes = maxBufferedBytes;
    }

    /**
     * The limits that suit most servers.
     *
     * @return the defaults
     */
    public static ServerLimits defaults() {
        return DEFAULTS;
    }

    /**
     * Bounds how many connections the server has. One beyond is answered 503.
     *
     * @param connections at least 1; {@value #DEFAULT_MAX_CONNECTIONS} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is less than 1
     */
    public ServerLimits maxConnections(int connections) {
        return new ServerLimits(
                positive("maxConnections", connections),
                maxConnectionsPerAddress,
                maxConnectsPerSecondPerAddress,
                maxTcpConnections,
                maxTcpConnectionsPerAddress,
                handshakeTimeout,
                maxBufferedBytes);
    }

    /**
     * The bound on connections.
     *
     * @return connections
     */
    public int maxConnections() {
        return maxConnections;
    }

    /**
     * Bounds how many connections one remote address has. One beyond is answered 429.
     *
     * @param connections at least 1; {@link #UNLIMITED} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is less than 1
     */
    public ServerLimits maxConnectionsPerAddress(int connections) {
        return new ServerLimits(
                maxConnections,
                positive("maxConnectionsPerAddress", connections),
                maxConnectsPerSecondPerAddress,
                maxTcpConnections,
                maxTcpConnectionsPerAddress,
                handshakeTimeout,
                maxBufferedBytes);
    }

    /**
     * The bound on connections of one remote address.
     *
     * @return connections
     */
    public int maxConnectionsPerAddress() {
        return maxConnectionsPerAddress;
    }

    /**
     * Bounds how often one remote address asks for a connection. As many at once are let through after a second of quiet; one
     * beyond is answered 429, before the admission is asked.
     *
     * @param requests in a second, at least 1; {@link #UNLIMITED} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is less than 1
     */
    public ServerLimits maxConnectsPerSecondPerAddress(int requests) {
        return new ServerLimits(
                maxConnections,
                maxConnectionsPerAddress,
                positive("maxConnectsPerSecondPerAddress", requests),
                maxTcpConnections,
                maxTcpConnectionsPerAddress,
                handshakeTimeout,
                maxBufferedBytes);
    }

    /**
     * The bound on the rate of requests of one remote address.
     *
     * @return requests in a second
     */
    public int maxConnectsPerSecondPerAddress() {
        return maxConnectsPerSecondPerAddress;
    }

    /**
     * Bounds how many TCP connections an embedded server has. It accepts no others until one of them ends; they wait in the
     * operating system's queue. On a Jetty server of your own, add Jetty's
     * {@link org.eclipse.jetty.server.NetworkConnectionLimit}, which does the same.
     *
     * @param connections at least 1; {@value #DEFAULT_MAX_TCP_CONNECTIONS} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is less than 1
     */
    public ServerLimits maxTcpConnections(int connections) {
        return new ServerLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectsPerSecondPerAddress,
                positive("maxTcpConnections", connections),
                maxTcpConnectionsPerAddress,
                handshakeTimeout,
                maxBufferedBytes);
    }

    /**
     * The bound on TCP connections.
     *
     * @return TCP connections
     */
    public int maxTcpConnections() {
        return maxTcpConnections;
    }

    /**
     * Bounds how many TCP connections one remote address has to a configured connector. One beyond is closed as soon as it is
     * accepted.
     *
     * @param connections at least 1; {@link #UNLIMITED} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is less than 1
     */
    public ServerLimits maxTcpConnectionsPerAddress(int connections) {
        return new ServerLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectsPerSecondPerAddress,
                maxTcpConnections,
                positive("maxTcpConnectionsPerAddress", connections),
                handshakeTimeout,
                maxBufferedBytes);
    }

    /**
     * The bound on TCP connections of one remote address.
     *
     * @return TCP connections
     */
    public int maxTcpConnectionsPerAddress() {
        return maxTcpConnectionsPerAddress;
    }

    /**
     * Limits how long a TCP connection to a configured connector may take to finish the TLS handshake and to begin to speak:
     * HTTP/2's preface with its SETTINGS, or a request of HTTP/1.1. It is closed then.
     *
     * @param limit greater than zero; 10 seconds by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is zero or negative
     */
    public ServerLimits handshakeTimeout(Duration limit) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("handshakeTimeout must be greater than zero but was " + limit);
        }
        return new ServerLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectsPerSecondPerAddress,
                maxTcpConnections,
                maxTcpConnectionsPerAddress,
                limit,
                maxBufferedBytes);
    }

    /**
     * The limit on the beginning of a TCP connection.
     *
     * @return greater than zero
     */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /**
     * Bounds the memory of all that the server has received and nobody has read, and of all that was written and not yet sent.
     * Looked at four times a second. Above it, new connections are answered 503; above one and a half times as much, those that
     * hold the most are reset with {@link io.h2conn.ErrorCode#ENHANCE_YOUR_CALM} until it is kept again, and a line is logged.
     *
     * @param bytes at least 1; by default a quarter of {@link Runtime#maxMemory}
     * @return a copy with this setting
     * @throws IllegalArgumentException if it is less than 1
     */
    public ServerLimits maxBufferedBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maxBufferedBytes must be at least 1 but was " + bytes);
        }
        return new ServerLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxConnectsPerSecondPerAddress,
                maxTcpConnections,
                maxTcpConnectionsPerAddress,
                handshakeTimeout,
                bytes);
    }

    /**
     * The bound on memory.
     *
     * @return bytes
     */
    public long maxBufferedBytes() {
        return maxBufferedBytes;
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1 but was " + value);
        }
        return value;
    }

    @Override
    public String toString() {
        return "ServerLimits[maxConnections=" + text(maxConnections)
                + ", maxConnectionsPerAddress=" + text(maxConnectionsPerAddress)
                + ", maxConnectsPerSecondPerAddress=" + text(maxConnectsPerSecondPerAddress)
                + ", maxTcpConnections=" + text(maxTcpConnections)
                + ", maxTcpConnectionsPerAddress=" + text(maxTcpConnectionsPerAddress)
                + ", handshakeTimeout=" + handshakeTimeout
                + ", maxBufferedBytes=" + maxBufferedBytes + "]";
    }

    private static String text(int limit) {
        return limit == UNLIMITED ? "unlimited" : String.valueOf(limit);
    }
}
