package io.h2conn.internal;

/** Faults that the transports of these tests commit on purpose, to prove that their checkers see them. */
enum ModelPlant {
    NONE,
    /** A byte that arrived is missing. */
    LOSE_A_BYTE_READ,
    /** A byte that arrived comes twice. */
    DOUBLE_A_BYTE_READ,
    /** Two bytes that arrived have changed places. */
    SWAP_BYTES_READ,
    /** A byte that was sent is missing on the wire. */
    LOSE_A_BYTE_SENT,
    /** Two bytes that were sent have changed places. */
    SWAP_BYTES_SENT,
    /** A piece is written and nobody is told. */
    FORGET_AN_ANSWER,
    /** The engine is told of an answer twice. */
    ANSWER_TWICE,
    /** The pause that follows a piece is forgotten. */
    FORGET_A_PAUSE,
    /** A piece of input is given back twice. */
    RELEASE_TWICE,
    /** A piece of input is never given back. */
    RELEASE_NEVER,
    /** Consumed bytes are credited less one. */
    LOSE_CREDIT,
    /** The peer's end does not get here. */
    FORGET_THE_END
}
