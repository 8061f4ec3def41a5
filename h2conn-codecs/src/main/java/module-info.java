import org.jspecify.annotations.NullMarked;

/** Codecs and message connections over {@link io.h2conn.DuplexConnection}. */
@NullMarked
module io.h2conn.codec {
    requires transitive io.h2conn;
    requires transitive tools.jackson.databind;
    requires transitive com.esotericsoftware.kryo;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports io.h2conn.codec;
}
