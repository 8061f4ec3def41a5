package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORMapper;
import tools.jackson.dataformat.smile.SmileMapper;

/** What one message may cost, whatever a peer puts into it. */
@Timeout(60)
class JsonLimitsTest {
    private static final int MANY = 64 * 1024 * 1024;
    /** Bytes. What a format adds to a long string: CBOR cuts it into pieces. */
    private static final int MORE = 1024 * 1024;

    static Stream<ObjectMapper> mappers() {
        return Stream.of(
                JsonMapper.shared(),
                CBORMapper.builder().build(),
                SmileMapper.builder().build());
    }

    private static <T> T decode(Codec<T> codec, String json) throws IOException {
        return codec.decode(ByteBuffer.wrap(json.getBytes(UTF_8)));
    }

    private static JsonMapper mapper(StreamReadConstraints limits) {
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(limits).build())
                .build();
    }

    private static Object nested(int depth) {
        Object value = 1;
        for (int level = 0; level < depth; level++) {
            value = List.of(value);
        }
        return value;
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void aStringOfSixtyFourMebibytesIsAMessageOnceTheMaximumAllowsIt(ObjectMapper mapper) throws IOException {
        String text = "x".repeat(MANY);
        Codec<String> codec = JsonCodec.of(String.class, mapper).withMaxMessageBytes(MANY + MORE);
        MessageOutput output = new MessageOutput(MANY + MORE);

        codec.encode(text, output);

        assertThat(codec.decode(output.toByteBuffer()).equals(text)).isTrue();
    }

    /** Jackson's own limit is for those who do not know how large their input may be. */
    @ParameterizedTest
    @MethodSource("mappers")
    void aStringLongerThanJacksonsDefaultIsAMessageOnceTheMaximumAllowsIt(ObjectMapper mapper) throws IOException {
        int length = StreamReadConstraints.defaults().getMaxStringLength() + 1;
        Codec<String> codec = JsonCodec.of(String.class, mapper).withMaxMessageBytes(length + MORE);
        MessageOutput output = new MessageOutput(length + MORE);

        codec.encode("x".repeat(length), output);

        assertThat(codec.decode(output.toByteBuffer()).length()).isEqualTo(length);
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 20, 1 << 30})
    void whatTheMapperLimitsStaysLimited(int maximum) {
        StreamReadConstraints.Builder strict = StreamReadConstraints.builder();
        JsonMapper strings = mapper(strict.maxStringLength(10).build());
        JsonMapper documents =
                mapper(StreamReadConstraints.builder().maxDocumentLength(20).build());
        JsonMapper depth =
                mapper(StreamReadConstraints.builder().maxNestingDepth(3).build());
        JsonMapper numbers =
                mapper(StreamReadConstraints.builder().maxNumberLength(5).build());
        JsonMapper names =
                mapper(StreamReadConstraints.builder().maxNameLength(5).build());
        JsonMapper tokens =
                mapper(StreamReadConstraints.builder().maxTokenCount(5).build());

        assertRefused(strings, maximum, "\"" + "x".repeat(11) + "\"", "String value length");
        assertRefused(documents, maximum, "[" + " ".repeat(20) + "]", "Document length");
        assertRefused(depth, maximum, "[[[[]]]]", "nesting depth");
        assertRefused(numbers, maximum, "123456", "Number value length");
        assertRefused(names, maximum, "{\"abcdef\":1}", "Name length");
        assertRefused(tokens, maximum, "[1,2,3,4,5,6]", "oken count");
    }

    private static void assertRefused(JsonMapper mapper, int maximum, String json, String words) {
        assertThatThrownBy(() -> decode(JsonCodec.of(JsonNode.class, mapper).withMaxMessageBytes(maximum), json))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 20, 1 << 30})
    void depthAndDigitsAreLimitedWhateverTheMaximum(int maximum) {
        for (Class<?> type : List.of(JsonNode.class, Object.class, List.class)) {
            assertThatThrownBy(() -> decode(
                            JsonCodec.of(type).withMaxMessageBytes(maximum), "[".repeat(400_000) + "]".repeat(400_000)))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("nesting depth");
        }
        String digits = "1".repeat(1_000_000);
        for (Class<?> type : List.of(JsonNode.class, Object.class, BigInteger.class, BigDecimal.class, Long.class)) {
            for (String number : List.of(digits, digits + ".5", "-" + digits, "0." + digits, "1e" + digits)) {
                assertThatThrownBy(() -> decode(JsonCodec.of(type).withMaxMessageBytes(maximum), number))
                        .isInstanceOf(CodecException.class);
            }
        }
        for (Class<?> type : List.of(BigInteger.class, BigDecimal.class, Long.class)) {
            assertThatThrownBy(() -> decode(JsonCodec.of(type).withMaxMessageBytes(maximum), "\"" + digits + "\""))
                    .isInstanceOf(CodecException.class);
        }
        assertThatThrownBy(() -> decode(JsonCodec.of(BigInteger.class).withMaxMessageBytes(maximum), "1e1000000000"))
                .isInstanceOf(CodecException.class);
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void whatIsNestedTooDeeplyCannotBeSentAndNothingOfItIs(ObjectMapper mapper) throws IOException {
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        Codec<Object> codec = JsonCodec.of(Object.class, mapper);

        for (Object message : List.of(nested(501), nested(100_000), endless)) {
            assertThatThrownBy(() -> codec.encode(message, new MessageOutput(1000)))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("nesting depth");
        }
        MessageOutput output = new MessageOutput(10_000);
        codec.encode(nested(500), output);
        assertThat(codec.decode(output.toByteBuffer())).isEqualTo(nested(500));
    }

    @Test
    void theMappersLimitOfWritingIsHonoured() {
        JsonMapper mapper = JsonMapper.builder(JsonFactory.builder()
                        .streamWriteConstraints(StreamWriteConstraints.builder()
                                .maxNestingDepth(3)
                                .build())
                        .build())
                .build();

        assertThatThrownBy(() -> JsonCodec.of(Object.class, mapper).encode(nested(4), new MessageOutput(1000)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("nesting depth");
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void whatIsTooLargeSaysSoHoweverDeepInsideItIsNoticed(ObjectMapper mapper) {
        Object message = List.of(Collections.singletonMap("a", List.of(new int[100_000])));

        assertThatThrownBy(() -> JsonCodec.of(Object.class, mapper).encode(message, new MessageOutput(20_000)))
                .isInstanceOf(MessageTooLargeException.class);
    }
}
