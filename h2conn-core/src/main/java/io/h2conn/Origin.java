package io.h2conn;

/** Who caused a connection, or one half of it, to end. */
public enum Origin {
    /** This side: a call of the application, or a limit that this side enforces. */
    LOCAL,
    /** The other end of the stream said so, in a frame. */
    PEER,
    /** Neither end: the TCP connection beneath broke, fell silent, or could not be made. */
    NETWORK
}
