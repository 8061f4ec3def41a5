package io.h2conn.codec;

/** What a {@link Broadcast} does with a message for a receiver whose queue is full. */
public enum WhenFull {
    /** The sender waits for room: nobody misses anything, and everybody goes at the pace of the slowest. */
    BLOCK,

    /** The message that has waited longest is dropped: a slow receiver skips to what is new. */
    DROP_OLDEST,

    /** The new message is dropped: a slow receiver gets what came first. */
    DROP_NEWEST,

    /**
     * The receiver's connection is aborted with {@link io.h2conn.ErrorCode#ENHANCE_YOUR_CALM}: a receiver gets everything,
     * or knows that it does not.
     */
    DISCONNECT
}
