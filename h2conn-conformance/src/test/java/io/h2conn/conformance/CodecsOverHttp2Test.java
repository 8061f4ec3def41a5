package io.h2conn.conformance;

import io.h2conn.codec.Codec;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.JsonCodec;
import io.h2conn.server.ConnectorOptions;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Nested;

/** The suite of codecs over our own server: frames, windows and threads are those of HTTP/2. */
class CodecsOverHttp2Test {
    record Reading(String sensor, List<Integer> values) {
        static Reading random(RandomGenerator random) {
            return new Reading(
                    "sensor " + random.nextLong(),
                    random.ints(random.nextInt(20)).boxed().toList());
        }
    }

    @Nested
    class JsonOverH2c extends CodecConformance<Reading> {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.h2c(ConnectorOptions.DEFAULT_RECEIVE_WINDOW_BYTES);
        }

        @Override
        protected Codec<Reading> codec() {
            return JsonCodec.of(Reading.class);
        }

        @Override
        protected Reading message(RandomGenerator random) {
            return Reading.random(random);
        }
    }

    @Nested
    class BytesOverTls extends CodecConformance<byte[]> {
        @Override
        protected ConnectionSupplier start() throws Exception {
            return Http2Transport.tls(Http2Transport.ODD_WINDOW);
        }

        @Override
        protected Codec<byte[]> codec() {
            return Codecs.bytes();
        }

        @Override
        protected byte[] message(RandomGenerator random) {
            byte[] message = new byte[random.nextInt(1, 200)];
            random.nextBytes(message);
            return message;
        }
    }
}
