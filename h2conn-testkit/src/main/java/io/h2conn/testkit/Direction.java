package io.h2conn.testkit;

/** One of the two directions of a {@link FaultyPair}. */
public enum Direction {
    /** What the client sends. */
    TO_SERVER(Side.CLIENT),
    /** What the server sends. */
    TO_CLIENT(Side.SERVER);

    private final Side sender;

    Direction(Side sender) {
        this.sender = sender;
    }

    Side sender() {
        return sender;
    }

    /** For one, {@code to the server}. */
    @Override
    public String toString() {
        return "to " + sender.other();
    }
}
