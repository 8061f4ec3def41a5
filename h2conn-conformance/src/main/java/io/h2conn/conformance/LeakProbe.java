package io.h2conn.conformance;

import java.util.function.LongSupplier;

/**
 * Something that a test may not leave more of than it found: buffers of a pool, open streams, sessions.
 *
 * @param name what is counted, in the plural, for the message: {@code "buffers of the server's pool"}
 * @param count how many there are now; called from the test's thread, also many times in a row while it waits for them
 *     to be given back
 */
public record LeakProbe(String name, LongSupplier count) {}
