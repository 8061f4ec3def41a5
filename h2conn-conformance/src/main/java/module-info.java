import org.jspecify.annotations.NullMarked;

/** A suite that certifies connections, for transports of one's own. Open, since JUnit calls its tests by reflection. */
@NullMarked
open module io.h2conn.conformance {
    requires transitive io.h2conn;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;
    requires org.assertj.core;

    exports io.h2conn.conformance;
}
