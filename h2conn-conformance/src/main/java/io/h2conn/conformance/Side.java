package io.h2conn.conformance;

import io.h2conn.ErrorCode;

/** The end that a test calls near: the one whose behaviour it looks at first. */
enum Side {
    CLIENT("the client is near"),
    SERVER("the server is near");

    private final String sentence;

    Side(String sentence) {
        this.sentence = sentence;
    }

    /** What this side resets with when the peer has not ended its half at the close timeout. */
    ErrorCode lingeringResetCode() {
        return this == CLIENT ? ErrorCode.CANCEL : ErrorCode.NO_ERROR;
    }

    @Override
    public String toString() {
        return sentence;
    }
}
