package io.h2conn;

/** What keeps accepted bytes from being written, as far as the transport can tell. */
public enum StallCause {
    /**
     * The peer has not said that it takes more on this connection (RFC 9113, section 6.9): its window for the stream is empty,
     * since its application does not read.
     */
    STREAM_WINDOW,
    /** The window that all connections of the TCP connection share is empty: the peer gives no credit for any of them. */
    SESSION_WINDOW,
    /** The operating system takes nothing more: the network is slow or cut, or the peer's process does not read from TCP. */
    NETWORK,
    /** None of these at this moment: the transport is at work. */
    UNKNOWN
}
