package io.h2conn.client;

import io.h2conn.ConnectionFailure;

/**
 * Why there is no session. Several connects may wait for the same one, and each gets an exception of its own, which
 * names what it asked for.
 */
@FunctionalInterface
interface OpenFailure {
    /**
     * Makes the exception.
     *
     * @param target the method and the URI, for the message
     */
    ConnectionFailure describe(String target);
}
