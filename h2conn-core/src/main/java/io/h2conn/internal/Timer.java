package io.h2conn.internal;

/** Something that happens later, unless it is cancelled. */
public interface Timer {
    /** Prevents it, if it has not begun; lets go of what it holds on to. Safe for any thread, and to repeat. */
    void cancel();
}
