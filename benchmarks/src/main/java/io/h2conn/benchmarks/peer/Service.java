package io.h2conn.benchmarks.peer;

import java.util.Locale;

/** What a client can ask a server for; {@link PeerServer} says what each does. */
enum Service {
    ECHO,
    SINK,
    /** A sink as well. */
    SOURCE,
    MESSAGES,
    FEED;

    /** Where it is, for peers that have paths. */
    String path() {
        return "/" + name().toLowerCase(Locale.ROOT);
    }
}
