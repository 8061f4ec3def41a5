package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.dataformat.cbor.CBORMapper;
import tools.jackson.dataformat.smile.SmileMapper;

/** What is on the wire, byte by byte, so that it stays what it is. */
@Timeout(30)
class GoldenBytesTest {
    @JsonPropertyOrder({"x", "name"})
    record Point(int x, String name) {}

    /** Messages, and the bytes of all of them, in hexadecimal digits with spaces. */
    record Golden<T>(Codec<T> codec, List<T> messages, String wire) {
        @Override
        public String toString() {
            return codec.toString();
        }
    }

    private static ByteBuffer buffer(int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            buffer.put((byte) b);
        }
        return buffer.flip();
    }

    static Stream<Golden<?>> codecs() {
        return Stream.of(
                new Golden<>(
                        Codecs.buffers(),
                        List.of(buffer(), buffer(0xFF), ByteBuffer.allocate(258)),
                        "00000000 00000001 FF 00000102" + "00".repeat(258)),
                new Golden<>(
                        Codecs.lines(),
                        List.of("", "hi", "a\u00e4\u20ac\ud83d\ude00", "\0\r\ufeff"),
                        "0A 68690A 61C3A4E282ACF09F98800A 000DEFBBBF0A"),
                new Golden<>(Codecs.fixedBuffers(3), List.of(buffer(1, 2, 3), buffer(0, 0, 10)), "010203 00000A"),
                new Golden<>(Codecs.chunks(), List.of(buffer(0, 10, 255)), "000AFF"),
                new Golden<>(
                        JsonCodec.of(Point.class),
                        List.of(new Point(1, "\u20ac\"\u2028<&>"), new Point(-7, null)),
                        // {"x":1,"name":"\u20ac\"\u2028<&>"} with only the quote escaped
                        "7B2278223A312C226E616D65223A22 E282AC 5C22 E280A8 3C263E 227D 0A"
                                // {"x":-7,"name":null}
                                + "7B2278223A2D372C226E616D65223A6E756C6C7D 0A"),
                new Golden<>(
                        JsonCodec.of(Point.class, CBORMapper.builder().build()),
                        List.of(new Point(1, "hi")),
                        "0000000D BF 6178 01 646E616D65 626869 FF"),
                new Golden<>(
                        JsonCodec.of(Point.class, SmileMapper.builder().build()),
                        List.of(new Point(1, "hi")),
                        "00000011 3A290A01 FA 8078 C2 836E616D65 416869 FB"),
                // The smallest zlib stream there is, and one of the stored kind.
                new Golden<>(
                        Codecs.buffers().through(Transformation.deflate()),
                        List.of(buffer(), buffer(0x61)),
                        "00000008 789C 0300 00000001 00000009 789C 4B0400 00620062"));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    <T> void messagesAreExactlyTheseBytesInBothDirections(Golden<T> golden) throws IOException {
        byte[] wire = HexFormat.of().parseHex(golden.wire().replace(" ", ""));
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<T, T> messages = MessageConnection.of(pair.client(), golden.codec());
        for (T message : golden.messages()) {
            messages.send(message);
        }

        assertThat(HexFormat.of().formatHex(pair.server().input().readNBytes(wire.length)))
                .isEqualTo(HexFormat.of().formatHex(wire));

        pair.server().write(ByteBuffer.wrap(wire));
        pair.server().closeOutput();
        assertThat(messages.stream()).containsExactlyElementsOf(golden.messages());
        messages.closeOutput();
        assertThat(pair.server().input().read()).isEqualTo(-1);
        pair.client().close();
        pair.server().close();
    }
}
