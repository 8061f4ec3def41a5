package io.h2conn.jetty;

import java.time.Duration;

/**
 * How a session's peer is watched.
 *
 * @param heartbeat how long nothing arrives before a PING asks whether the peer is there; zero for never
 * @param writeTimeout how long the peer may take nothing of what is written to the TCP connection; zero for ever
 */
public record Liveness(Duration heartbeat, Duration writeTimeout) {
    /** Heartbeats after which silence counts as the end, the first of which was waited for before anything was sent. */
    public static final int SILENT_HEARTBEATS = 3;

    /** Sooner than most middleboxes forget a quiet TCP connection, rarely enough for peers that count PINGs. */
    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(10);

    /** Longer than a network that is merely slow, or a peer that collects garbage, takes nothing at all. */
    public static final Duration DEFAULT_WRITE_TIMEOUT = Duration.ofSeconds(60);

    /** For whoever has no settings of his own. */
    public static final Liveness DEFAULT = new Liveness(DEFAULT_HEARTBEAT, DEFAULT_WRITE_TIMEOUT);

    private static final Duration SHORTEST = Duration.ofMillis(10);

    /**
     * Checks a setting of one of the two.
     *
     * @param name of the setting
     * @param limit zero, or at least 10 milliseconds
     * @return the limit
     * @throws IllegalArgumentException if it is negative, or too short to be watched
     */
    public static Duration checked(String name, Duration limit) {
        if (!limit.isZero() && limit.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(name + " must be at least 10 ms, or zero for none, but was " + limit);
        }
        return limit;
    }

    /**
     * The same with other heartbeats.
     *
     * @param interval zero or more
     * @return a copy with this setting
     */
    public Liveness heartbeat(Duration interval) {
        return new Liveness(interval, writeTimeout);
    }
}
