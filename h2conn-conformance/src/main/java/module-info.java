import org.jspecify.annotations.NullMarked;

/** Suites that certify connections and codecs of one's own. Open, since JUnit calls their tests by reflection. */
@NullMarked
open module io.h2conn.conformance {
    requires transitive io.h2conn;
    requires transitive io.h2conn.codec;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;
    requires jdk.management;
    requires org.assertj.core;

    exports io.h2conn.conformance;
}
