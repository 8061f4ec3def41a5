package io.h2conn.jetty;

import java.time.Duration;

/**
 * Who reads a socket.
 *
 * @param direct whether a thread that waits for input may read it itself
 * @param busyPoll how long it then asks again and again before it sleeps; zero for not at all
 */
public record Reading(boolean direct, Duration busyPoll) {
    /** Whether a process has direct reads where nothing else is said. */
    private static final String PROPERTY = "io.h2conn.directReads";

    /** Jetty's selector, unless the process says otherwise. */
    public static final Reading DEFAULT = new Reading(Boolean.getBoolean(PROPERTY), Duration.ZERO);

    /** Longer than that somebody has given milliseconds for microseconds, perhaps. */
    private static final Duration LONGEST_POLL = Duration.ofMillis(10);

    /**
     * Checks what was given as a time of polling.
     *
     * @param time zero, or up to 10 milliseconds
     * @return the same
     * @throws IllegalArgumentException if it is negative or longer
     */
    public static Duration checked(Duration time) {
        if (time.isNegative() || time.compareTo(LONGEST_POLL) > 0) {
            throw new IllegalArgumentException(
                    "busyPoll must be between zero and " + LONGEST_POLL + " but was " + time);
        }
        return time;
    }
}
