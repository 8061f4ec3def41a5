package io.h2conn.server;

import io.h2conn.jetty.Liveness;
import io.h2conn.jetty.Reading;
import java.time.Duration;

/**
 * The settings of a connector that {@link DuplexConnector#configure} makes. Immutable: each method that sets something
 * returns a copy.
 */
public final class ConnectorOptions {
    /** Bytes. What a peer may send at most on one stream before the application has read it. */
    public static final int DEFAULT_RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024;

    /** How many streams a peer may have open on one TCP connection. */
    public static final int DEFAULT_MAX_STREAMS = 1_024;

    /** Bytes of a request's headers that are served. */
    public static final int DEFAULT_MAX_HEADER_BYTES = 16 * 1024;

    private static final ConnectorOptions DEFAULTS = new ConnectorOptions(
            DEFAULT_RECEIVE_WINDOW_BYTES,
            DEFAULT_MAX_STREAMS,
            DEFAULT_MAX_HEADER_BYTES,
            Liveness.DEFAULT,
            Reading.DEFAULT);

    private final int receiveWindowBytes;
    private final int maxStreams;
    private final int maxHeaderBytes;
    private final Liveness liveness;
    private final Reading reading;

    private ConnectorOptions(
            int receiveWindowBytes, int maxStreams, int maxHeaderBytes, Liveness liveness, Reading reading) {
        this.receiveWindowBytes = receiveWindowBytes;
        this.maxStreams = maxStreams;
        this.maxHeaderBytes = maxHeaderBytes;
        this.liveness = liveness;
        this.reading = reading;
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
        return new ConnectorOptions(bytes, maxStreams, maxHeaderBytes, liveness, reading);
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
        return new ConnectorOptions(receiveWindowBytes, streams, maxHeaderBytes, liveness, reading);
    }

    /**
     * The bound on streams.
     *
     * @return streams for each TCP connection
     */
    public int maxStreams() {
        return maxStreams;
    }

    /**
     * Sets the heartbeats: when nothing has arrived on a TCP connection with connections for as long, an HTTP/2 PING (RFC 9113,
     * section 6.7) asks whether the peer is still there, and again after as long again. A peer of which nothing has arrived for
     * three intervals, and a half at the most, is gone: its connections fail with
     * {@link io.h2conn.ConnectionLostException}. Any byte that arrives is life, and the answers say how far away the peer is
     * ({@link io.h2conn.ConnectionInfo#roundTripTime}). A proxy answers for itself, not for what is behind it.
     *
     * @param interval at least 10 milliseconds, or zero for no heartbeats; 10 seconds by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code interval} is negative or too short
     */
    public ConnectorOptions heartbeat(Duration interval) {
        return new ConnectorOptions(
                receiveWindowBytes,
                maxStreams,
                maxHeaderBytes,
                new Liveness(Liveness.checked("heartbeat", interval), liveness.writeTimeout()),
                reading);
    }

    /**
     * The time of silence after which the peer is asked.
     *
     * @return zero for no heartbeats
     */
    public Duration heartbeat() {
        return liveness.heartbeat();
    }

    /**
     * Limits how long a peer may take nothing at all of what is written to its TCP connection, as one that no longer reads, and
     * yet sends, does. Then the connections on it fail with {@link io.h2conn.ConnectionLostException}. A connection whose peer
     * reads from TCP, but whose application does not read, is not concerned: that is what windows are for, and
     * {@link io.h2conn.ConnectionOptions} has a bound for it.
     *
     * <p>Progress is what the operating system takes, in steps of about a third of its own buffer: on a network that is so slow
     * that a step takes longer than this, raise it.
     *
     * @param limit at least 10 milliseconds, or zero for no limit; 60 seconds by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code limit} is negative or too short
     */
    public ConnectorOptions writeTimeout(Duration limit) {
        return new ConnectorOptions(
                receiveWindowBytes,
                maxStreams,
                maxHeaderBytes,
                new Liveness(liveness.heartbeat(), Liveness.checked("writeTimeout", limit)),
                reading);
    }

    /**
     * The bound on writing without progress.
     *
     * @return zero for no limit
     */
    public Duration writeTimeout() {
        return liveness.writeTimeout();
    }

    /**
     * Bounds the headers of a request for a connection, counted as RFC 9113, section 6.5.2 does, with 32 bytes for each beside
     * its name and value. A request with more is answered 431. One with more than four times as much ends the TCP connection,
     * since its headers are not read to their end, and later ones cannot be understood without (RFC 7541, section 2.2); that
     * bound is announced to clients (SETTINGS_MAX_HEADER_LIST_SIZE), and those of this library send no such request.
     *
     * @param bytes at least 1024; {@value #DEFAULT_MAX_HEADER_BYTES} by default
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code bytes} is less than 1024
     */
    public ConnectorOptions maxHeaderBytes(int bytes) {
        if (bytes < 1024) {
            throw new IllegalArgumentException("maxHeaderBytes must be at least 1024 but was " + bytes);
        }
        return new ConnectorOptions(receiveWindowBytes, maxStreams, bytes, liveness, reading);
    }

    /**
     * The bound on headers.
     *
     * @return bytes
     */
    public int maxHeaderBytes() {
        return maxHeaderBytes;
    }

    /**
     * Sets whether a thread that waits in a read, and waits alone on its TCP connection, may read the socket itself, instead of being
     * woken by a thread of Jetty's that did: one wake-up less for each message. While it does so, callbacks that do not block of other
     * connections of that TCP connection run on it; and when it is away with what it has got, others of them may wait up to two
     * milliseconds. Where several wait, and on virtual threads, nothing changes. Works on {@link DuplexServer} and on connectors of
     * {@link DuplexConnector#create}; other connectors refuse it if it was asked for, and do without if it is only the default.
     *
     * @param direct {@code true} by default, unless the system property {@code io.h2conn.directReads} is {@code false}
     * @return a copy with this setting
     */
    public ConnectorOptions directReads(boolean direct) {
        return new ConnectorOptions(
                receiveWindowBytes, maxStreams, maxHeaderBytes, liveness, reading.withDirect(direct));
    }

    /**
     * Whether threads may read sockets themselves.
     *
     * @return whether they may
     */
    public boolean directReads() {
        return reading.direct();
    }

    /**
     * Sets how long a thread that reads the socket itself asks for input again and again before it sleeps, which takes a
     * whole processor, and saves the wake-up. Of a process's threads at most one less than it has processors do so at a time.
     *
     * @param time up to 10 milliseconds, or zero for not at all, the default; of use only with {@link #directReads(boolean)}
     * @return a copy with this setting
     * @throws IllegalArgumentException if {@code time} is negative or longer
     */
    public ConnectorOptions busyPoll(Duration time) {
        return new ConnectorOptions(
                receiveWindowBytes, maxStreams, maxHeaderBytes, liveness, reading.withBusyPoll(time));
    }

    /**
     * How long a thread that reads a socket itself polls.
     *
     * @return zero for not at all
     */
    public Duration busyPoll() {
        return reading.busyPoll();
    }

    Reading reading() {
        return reading;
    }

    @Override
    public String toString() {
        return "ConnectorOptions[receiveWindowBytes=" + receiveWindowBytes + ", maxStreams=" + maxStreams
                + ", maxHeaderBytes=" + maxHeaderBytes + ", heartbeat=" + heartbeat() + ", writeTimeout="
                + writeTimeout() + ", directReads=" + directReads() + ", busyPoll=" + busyPoll() + "]";
    }
}
