package io.h2conn.testkit;

import io.h2conn.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * How a direction breaks the connection.
 *
 * @param at bytes that the direction carries before
 * @param reset the code of a reset, or {@code null} for a loss of the session
 * @param side who resets, or {@code null} for something in between; who notices the loss, or {@code null} for both
 */
record Breakage(
        long at, @Nullable ErrorCode reset, @Nullable Side side) {
    @Override
    public String toString() {
        String what = reset == null
                ? "lost" + (side == null ? "" : ", which only " + side + " notices,")
                : "reset with " + reset + " by " + (side == null ? "something in between" : side);
        return what + " at byte " + at;
    }
}
