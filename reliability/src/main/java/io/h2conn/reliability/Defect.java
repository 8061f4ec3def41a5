package io.h2conn.reliability;

/**
 * Where what arrived first differs from what was sent.
 *
 * @param kind what happened to the bytes
 * @param offset bytes before it, which are right
 * @param length how many bytes are concerned, as far as known
 */
record Defect(Kind kind, long offset, long length) {
    enum Kind {
        /** Bytes are missing, and what follows them is there. */
        LOST,
        /** Bytes that were there before come again. */
        DUPLICATED,
        /** Bytes have changed places, or some have arrived before what was sent earlier. */
        REORDERED,
        /** The bytes of another connection or direction. */
        FOREIGN,
        /** None of the above, or too little follows to tell. */
        CHANGED
    }

    @Override
    public String toString() {
        return kind + "@" + offset + "+" + length;
    }
}
