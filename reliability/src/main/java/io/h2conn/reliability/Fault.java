package io.h2conn.reliability;

/** What the relay does to a TCP connection. */
enum Fault {
    /** Closes it right after it was accepted. */
    CLOSED_AT_ONCE,
    /** Resets both of its ends. */
    RESET,
    /** Ends one direction, in the middle of whatever is under way, and the rest a second later. */
    ENDED,
    /** Moves nothing in one direction for 0.1 to 5 seconds. */
    STALLED,
    /** Lets some KB a second through in one direction, for a while. */
    SLOWED,
    /** Holds each piece back for some milliseconds, for a while. */
    DELAYED,
    /** Passes a few bytes at a time, for a while. */
    FRAGMENTED
}
