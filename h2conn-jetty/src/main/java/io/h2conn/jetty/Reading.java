package io.h2conn.jetty;

import java.time.Duration;

/**
 * Who reads a socket.
 *
 * @param direct whether a thread that waits for input may read it itself
 * @param asked whether somebody has asked for that, or for polling
 * @param busyPoll how long it then asks again and again before it sleeps; zero for not at all
 */
public record Reading(boolean direct, boolean asked, Duration busyPoll) {
    /** Whether a process has direct reads where nothing else is said: it has, unless this is false. */
    private static final String PROPERTY = "io.h2conn.directReads";

    /** Where nobody says anything. */
    public static final Reading DEFAULT =
            new Reading(Boolean.parseBoolean(System.getProperty(PROPERTY, "true")), false, Duration.ZERO);

    /** Longer than that somebody has given milliseconds for microseconds, perhaps. */
    private static final Duration LONGEST_POLL = Duration.ofMillis(10);

    /**
     * A copy that says whether a thread may read the socket itself.
     *
     * @param wanted whether it may
     * @return the copy
     */
    public Reading withDirect(boolean wanted) {
        return new Reading(wanted, wanted, busyPoll);
    }

    /**
     * A copy with a time of polling.
     *
     * @param time zero, or up to 10 milliseconds
     * @return the copy
     * @throws IllegalArgumentException if it is negative or longer
     */
    public Reading withBusyPoll(Duration time) {
        if (time.isNegative() || time.compareTo(LONGEST_POLL) > 0) {
            throw new IllegalArgumentException(
                    "busyPoll must be between zero and " + LONGEST_POLL + " but was " + time);
        }
        return new Reading(direct, asked || !time.isZero(), time);
    }
}
