package io.h2conn.testkit;

import java.util.Locale;

/** One of the two sides of a {@link FaultyPair}. */
public enum Side {
    /** The side that behaves as the one that called {@code connect}. */
    CLIENT,
    /** The side that behaves as the one that called {@code accept}. */
    SERVER;

    Side other() {
        return this == CLIENT ? SERVER : CLIENT;
    }

    /** For one, {@code the client}. */
    @Override
    public String toString() {
        return "the " + name().toLowerCase(Locale.ROOT);
    }
}
