package io.h2conn.reliability;

import org.jspecify.annotations.Nullable;

/** How a connection of the soak comes to its end. */
enum Ending {
    /** Both sides end their output after the last message, read to the end, and close. */
    ORDERLY(null, 40),
    /** The client closes, with messages under way in both directions. */
    CLIENT_CLOSE(Side.CLIENT, 5),
    /** The same without blocking. */
    CLIENT_CLOSE_ASYNC(Side.CLIENT, 5),
    /** The client resets. */
    CLIENT_ABORT(Side.CLIENT, 6),
    /** The server sends nothing; the client's read deadline passes, and it gives up. */
    CLIENT_DEADLINE(Side.CLIENT, 3),
    /** The client discards its input and goes on sending. */
    CLIENT_INPUT_CLOSE(Side.CLIENT, 4),
    /** The client object is closed, with all its connections. */
    CLIENT_OBJECT_CLOSED(Side.CLIENT, 4),
    /** The handler closes, and goes on running for a moment. */
    SERVER_CLOSE(Side.SERVER, 5),
    /** The same without blocking. */
    SERVER_CLOSE_ASYNC(Side.SERVER, 4),
    /** The handler returns, with messages under way in both directions. */
    SERVER_RETURN(Side.SERVER, 5),
    /** The server resets. */
    SERVER_ABORT(Side.SERVER, 5),
    /** The handler throws. */
    SERVER_THROW(Side.SERVER, 4),
    /** The handler discards its input and goes on sending. */
    SERVER_INPUT_CLOSE(Side.SERVER, 4),
    /** The server answers 503 instead of accepting. */
    REFUSED(null, 3),
    /** The client gives up before it is connected. */
    CONNECT_CANCELLED(Side.CLIENT, 3);

    /** Who does something before all is sent and read, if anybody. */
    final @Nullable Side actor;

    private final int share;

    Ending(@Nullable Side actor, int share) {
        this.actor = actor;
        this.share = share;
    }

    /** Whether the actor's output ends in an orderly way, so that the peer must get all of it. */
    boolean endsOutput() {
        return switch (this) {
            case CLIENT_CLOSE, CLIENT_CLOSE_ASYNC, SERVER_CLOSE, SERVER_CLOSE_ASYNC, SERVER_RETURN -> true;
            default -> false;
        };
    }

    /** The one of a random number. */
    static Ending of(int random) {
        int total = 0;
        for (Ending ending : values()) {
            total += ending.share;
        }
        int left = Math.floorMod(random, total);
        for (Ending ending : values()) {
            left -= ending.share;
            if (left < 0) {
                return ending;
            }
        }
        throw new AssertionError("shares do not add up");
    }
}
