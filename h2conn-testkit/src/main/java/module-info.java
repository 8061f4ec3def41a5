import org.jspecify.annotations.NullMarked;

/** Connections over a bad network, in memory, for tests of handlers: {@link io.h2conn.testkit.FaultyPair}. */
@NullMarked
module io.h2conn.testkit {
    requires transitive io.h2conn;
    requires static transitive org.jspecify;

    exports io.h2conn.testkit;
}
