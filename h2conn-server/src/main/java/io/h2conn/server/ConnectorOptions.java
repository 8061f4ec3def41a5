package io.h2conn.server;

/**
 * The settings of a connector that {@link DuplexConnector#configure} makes. Immutable: each method that sets something
 * returns a copy.
 */
public final class ConnectorOptions {
    /** Bytes. What a peer may send at most on one stream before the application has read it. */
    public static final int DEFAULT_RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024;

    /** How many streams a peer may have open on one TCP connection. */
    public static final int DEFAULT_MAX_STREAMS = 1_024;

    private static final ConnectorOptions DEFAULTS =
            new ConnectorOptions(DEFAULT_RECEIVE_WINDOW_BYTES, DEFAULT_MAX_STREAMS);

    private final int receiveWindowBytes;
    private final int maxStreams;

    private ConnectorOptions(int receiveWindowBytes, int maxStreams) {
        this.receiveWindowBytes = receiveWindowBytes;
        this.maxStreams = maxStreams;
    }

    /**
     * The settings that suit most applications.
     *
     * @return the defaults
     */
    public static ConnectorOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Bounds what a peer may send on one stream before the application has read it (RFC 9113, section 5.2). A stream begins
     * with 512 KiB, or with this if it is less, and its window doubles, up to this, each time that the application has
     * consumed half of it within 200 milliseconds. So a connection that nobody reads from the start holds 512 KiB at the
     * most, and one that was read quickly before holds this at the most; a small bound limits the throughput of peers that
     * are far away.
     *
     * <p>Less than 65,535 is for tests: a client that sends before it has seen the server's SETTINGS overruns it.
     *
     * @param bytes at least 1; {@value #DEFAULT_RECEIVE_WINDOW_BYTES} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is less than 1
     */
    public ConnectorOptions receiveWindowBytes(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("receiveWindowBytes must be at least 1 but was " + bytes);
        }
        return new ConnectorOptions(bytes, maxStreams);
    }

    /**
     * The bound on unread bytes of one stream.
     *
     * @return bytes
     */
    public int receiveWindowBytes() {
        return receiveWindowBytes;
    }

    /**
     * Bounds how many streams a peer may have open on one TCP connection (RFC 9113, section 5.1.2).
     *
     * @param streams at least 1; {@value #DEFAULT_MAX_STREAMS} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code streams} is less than 1
     */
    public ConnectorOptions maxStreams(int streams) {
        if (streams < 1) {
            throw new IllegalArgumentException("maxStreams must be at least 1 but was " + streams);
        }
        return new ConnectorOptions(receiveWindowBytes, streams);
    }

    /**
     * The bound on streams.
     *
     * @return streams for each TCP connection
     */
    public int maxStreams() {
        return maxStreams;
    }

    @Override
    public String toString() {
        return "ConnectorOptions[receiveWindowBytes=" + receiveWindowBytes + ", maxStreams=" + maxStreams + "]";
    }
}
