package io.h2conn.internal;

/**
 * Lets a thread that waits for input wait where input comes from, and handle it there, instead of being woken by another thread
 * that did. One thread at a time leads a session, if nobody else waits for input of it; who cannot, parks as ever.
 *
 * <p>Safe for any thread. Only {@link #lead} blocks, and only it calls engines. {@link #lead}, {@link #attend} and {@link #wake} are
 * called without an engine's lock; the others look or count, and no more.
 */
public interface Lead {
    /**
     * Whether a thread that is about to wait should lead: otherwise it can save itself the attempt.
     *
     * @return false if somebody leads, or waits without leading, or did so lately
     */
    boolean mayLead();

    /**
     * What {@link #lead} needs to notice a {@link #wake} that comes before it waits. To be read before whatever the thread
     * waits for is looked at the last time.
     *
     * @return a reading
     */
    int ticket();

    /**
     * Waits for input of the session, a wake-up or an interrupt, and handles the input on this thread.
     *
     * @param ticket of before
     * @param nanos nanoseconds to wait at most; {@link Long#MAX_VALUE} for as long as it likes
     * @return whether the thread may do so again if there is nothing for it yet; otherwise it should {@link #park}
     */
    boolean lead(int ticket, long nanos);

    /**
     * Somebody begins to wait for input without leading: then nobody leads. {@link #attend} follows if the input is alone. Each call
     * needs an {@link #unpark}.
     */
    void park();

    /** Somebody who did so waits no more. */
    void unpark();

    /**
     * Whether for the moment nobody waits for input, because who has led is expected back.
     *
     * @return whether whoever begins to wait must {@link #attend} first
     */
    boolean isAlone();

    /** Somebody begins to wait for what input may bring, such as room in a window: the input is not left alone now. */
    void attend();

    /** Makes the thread that leads, if any, look again. */
    void wake();

    /** The same, on the thread that leads or is about to. */
    void note();
}
