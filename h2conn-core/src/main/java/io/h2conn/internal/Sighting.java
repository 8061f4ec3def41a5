package io.h2conn.internal;

import io.h2conn.StallCause;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection looks like at one moment, in lines for people to read.
 *
 * @param lines the first names the connection, the others are about it
 * @param stall what keeps bytes from moving, or {@code null} if nothing does
 */
public record Sighting(List<String> lines, @Nullable Stall stall) {
    /** What keeps bytes from moving. */
    public enum Stall {
        /** The peer's window for this stream is empty. */
        PEER_DOES_NOT_READ("the peer does not read"),
        /** The peer's window for the session is empty. */
        SESSION_WINDOW("the session's window is empty"),
        /** The operating system takes nothing more. */
        NETWORK("the peer takes nothing from TCP"),
        /** This side's window is empty. */
        APPLICATION_DOES_NOT_READ("the application does not read");

        private final String text;

        Stall(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Puts a sighting together from what the engine and its transport know. */
    static Sighting of(Look look, @Nullable Outlet outlet, long now) {
        Stall stall = null;
        look.lines.set(1, look.lines.get(1) + windows(outlet));
        String wait = ", " + look.unsent + " bytes wait";
        if (look.unsent > 0 && outlet != null && outlet.cause() != StallCause.UNKNOWN) {
            String time = outlet.since() == null ? "" : " for " + Durations.passed(now - outlet.since());
            switch (outlet.cause()) {
                case STREAM_WINDOW -> {
                    stall = Stall.PEER_DOES_NOT_READ;
                    look.lines.add("stalled: the peer is not reading: its window for this stream is "
                            + outlet.streamWindow() + time + wait);
                }
                case SESSION_WINDOW -> {
                    stall = Stall.SESSION_WINDOW;
                    look.lines.add(
                            "stalled: the peer gives no credit to any connection of this session: its window for the session is "
                                    + outlet.sessionWindow() + time + wait);
                }
                case NETWORK -> {
                    stall = Stall.NETWORK;
                    look.lines.add("stalled: the peer does not take anything from the TCP connection" + time + wait);
                }
                case UNKNOWN -> {}
            }
        }
        if (look.inputFullNanos >= 0) {
            stall = stall == null ? Stall.APPLICATION_DOES_NOT_READ : stall;
            look.lines.add("stalled: this side's application does not read: " + look.outstanding
                    + " bytes unread, the window empty for " + Durations.passed(look.inputFullNanos));
        }
        return new Sighting(List.copyOf(look.lines), stall);
    }

    private static String windows(@Nullable Outlet outlet) {
        if (outlet == null) {
            return "";
        }
        return "; the peer takes " + outlet.streamWindow() + " more"
                + (outlet.sessionWindow() == null ? "" : ", on all of the session " + outlet.sessionWindow());
    }

    /**
     * What the engine itself sees, with its lock.
     *
     * @param lines so far: two at least
     * @param unsent bytes accepted and not written
     * @param outstanding bytes that have arrived and for which the peer has no credit
     * @param inputFullNanos for how long the window has been empty, or less than 0 if it is not
     */
    record Look(List<String> lines, int unsent, int outstanding, long inputFullNanos) {}
}
