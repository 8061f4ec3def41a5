package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.NullNode;

/** Which objects correspond to which values, by the mapper that the user has configured. */
@Timeout(30)
class JsonMappingTest {
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Circle.class, name = "circle"),
        @JsonSubTypes.Type(value = Square.class, name = "square")
    })
    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    record Order(String orderId, List<Shape> wantedShapes) {}

    record Ring(double radius) {}

    record Celsius(double degrees) {}

    private final DuplexConnection.Pair pair = DuplexConnection.pair();

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private <T> MessageConnection<T, T> messages(Codec<T> codec) {
        return MessageConnection.of(pair.server(), codec);
    }

    private <T> T received(Codec<T> codec, String json) throws IOException {
        pair.client().write(ByteBuffer.wrap((json + "\n").getBytes(UTF_8)));
        return messages(codec).receive();
    }

    /** What is on the wire, without the line feed. */
    private <T> String sent(Codec<T> codec, T message) throws IOException {
        messages(codec).send(message);
        return MessageConnection.of(pair.client(), Codecs.lines()).receive();
    }

    private <T> void arrivesAs(Codec<T> codec, T message, String json) throws IOException {
        assertThat(sent(codec, message)).isEqualTo(json);
        assertThat(received(codec, json)).isEqualTo(message);
    }

    @Test
    void aGenericTypeKeepsItsArguments() throws IOException {
        Map<String, List<Ring>> message = Map.of("a", List.of(new Ring(1), new Ring(2)));
        JavaType type = JsonMapper.shared().constructType(new TypeReference<Map<String, List<Ring>>>() {});

        arrivesAs(
                JsonCodec.of(new TypeReference<Map<String, List<Ring>>>() {}),
                message,
                "{\"a\":[{\"radius\":1.0},{\"radius\":2.0}]}");
        arrivesAs(
                JsonCodec.<Map<String, List<Ring>>>of(type, JsonMapper.shared()),
                message,
                "{\"a\":[{\"radius\":1.0},{\"radius\":2.0}]}");
    }

    @Test
    void sealedTypesAreToldApartByTheirName() throws IOException {
        arrivesAs(JsonCodec.of(Shape.class), new Circle(1), "{\"type\":\"circle\",\"radius\":1.0}");
        arrivesAs(
                JsonCodec.of(new TypeReference<List<Shape>>() {}),
                List.of(new Square(2), new Circle(1)),
                "[{\"type\":\"square\",\"side\":2.0},{\"type\":\"circle\",\"radius\":1.0}]");
        assertThatThrownBy(() -> received(JsonCodec.of(Shape.class), "{\"type\":\"java.lang.Runtime\"}"))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("java.lang.Runtime");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1.5", "\"text\"", "true", "[]", "{\"a\":[null]}", "null"})
    void anyValueIsAMessageOfATree(String json) throws IOException {
        arrivesAs(JsonCodec.of(JsonNode.class), JsonMapper.shared().readTree(json), json);
    }

    @Test
    void nullIsAMessageOnlyForATypeThatHasSomethingForIt() throws IOException {
        assertThat(received(JsonCodec.of(JsonNode.class), "null")).isSameAs(NullNode.getInstance());
        for (Class<?> type : List.of(String.class, Circle.class, Integer.class, Object.class)) {
            assertThatThrownBy(() -> received(JsonCodec.of(type), "null"))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("decodes to null");
        }
    }

    @Test
    void theMappersConfigurationIsHonoured() throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .addModule(new SimpleModule()
                        .addSerializer(Celsius.class, new ValueSerializer<>() {
                            @Override
                            public void serialize(Celsius value, JsonGenerator out, SerializationContext context) {
                                out.writeString(value.degrees() + "C");
                            }
                        })
                        .addDeserializer(Celsius.class, new ValueDeserializer<>() {
                            @Override
                            public Celsius deserialize(JsonParser in, DeserializationContext context) {
                                String text = in.readValueAs(String.class);
                                return new Celsius(Double.parseDouble(text.substring(0, text.length() - 1)));
                            }
                        }))
                .build();

        // A maximum beyond Jackson's own limit of strings takes another way to the parser.
        for (int maximum : new int[] {1000, 1 << 30}) {
            arrivesAs(
                    JsonCodec.of(Order.class, mapper).withMaxMessageBytes(maximum),
                    new Order("7", List.of(new Circle(1))),
                    "{\"order_id\":\"7\",\"wanted_shapes\":[{\"type\":\"circle\",\"radius\":1.0}]}");
            arrivesAs(JsonCodec.of(Celsius.class, mapper).withMaxMessageBytes(maximum), new Celsius(-1.5), "\"-1.5C\"");
            assertThatThrownBy(() -> received(
                            JsonCodec.of(Circle.class, mapper).withMaxMessageBytes(maximum),
                            "{\"radius\":1,\"colour\":\"red\"}"))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("colour");
        }
    }

    @Test
    void aMapperMayWriteSeveralLinesForOneValue() throws IOException {
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Order order = new Order("a\nb", List.of(new Square(1), new Circle(2)));
        Codec<Order> codec = JsonCodec.of(Order.class, mapper);

        messages(codec).send(order);
        messages(codec).send(order);

        MessageConnection<Order, Order> receiver = MessageConnection.of(pair.client(), JsonCodec.of(Order.class));
        assertThat(receiver.receive()).isEqualTo(order);
        assertThat(receiver.receive()).isEqualTo(order);
    }

    @Test
    void duplicateNamesAreWhatTheMapperSays() throws IOException {
        String json = "{\"radius\":1,\"radius\":2}";
        JsonMapper strict = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();

        assertThat(received(JsonCodec.of(Ring.class), json)).isEqualTo(new Ring(2));
        for (int maximum : new int[] {1000, 1 << 30}) {
            assertThatThrownBy(() -> received(JsonCodec.of(Ring.class, strict).withMaxMessageBytes(maximum), json))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("uplicate");
        }
    }

    @Test
    void numbersThatJsonDoesNotHaveAreWhatTheMapperSays() throws IOException {
        JsonMapper lenient = JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .build();

        assertThat(sent(JsonCodec.of(Double.class), Double.NaN)).isEqualTo("\"NaN\"");
        assertThat(received(JsonCodec.of(Double.class), "\"-Infinity\"")).isEqualTo(Double.NEGATIVE_INFINITY);
        for (String number : List.of("NaN", "-Infinity", "+1", "01", "1.", ".5", "0x1", "1e")) {
            assertThatThrownBy(() -> received(JsonCodec.of(Double.class), number))
                    .isInstanceOf(CodecException.class);
        }
        for (int maximum : new int[] {1000, 1 << 30}) {
            assertThat(received(JsonCodec.of(Double.class, lenient).withMaxMessageBytes(maximum), "NaN"))
                    .isNaN();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "eda0bd", "e282", "c328"})
    void malformedUtf8InAStringIsAnErrorOfThatMessageOnly(String hex) throws IOException {
        MessageConnection<String, String> messages = messages(JsonCodec.of(String.class));
        pair.client().output().write('"');
        pair.client().write(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
        pair.client().write(ByteBuffer.wrap("\" \"next\" ".getBytes(UTF_8)));

        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class);
        assertThat(messages.receive()).isEqualTo("next");
    }

    @Test
    void halfASurrogatePairIsSentAsAnEscapeWhichIsNotMalformed() throws IOException {
        arrivesAs(JsonCodec.of(String.class), "a\ud83d", "\"a\\uD83D\"");
        arrivesAs(JsonCodec.of(String.class), "\ude00\ud83d\ude00", "\"\\uDE00\ud83d\ude00\"");
    }

    @Test
    void blankLinesAndCarriageReturnsMeanNothing() throws IOException {
        assertThat(received(JsonCodec.of(Ring.class), "\n\r\n \t\r\n{\"radius\":1}\r\n\r\n"))
                .isEqualTo(new Ring(1));
    }

    @Test
    void aByteOrderMarkIsAnErrorOfItsOwn() throws IOException {
        MessageConnection<Integer, Integer> messages = messages(JsonCodec.of(Integer.class));
        pair.client().write(ByteBuffer.wrap("\ufeff [1] 2 ".getBytes(UTF_8)));

        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class);
        assertThatThrownBy(messages::receive).isInstanceOf(CodecException.class);
        assertThat(messages.receive()).isEqualTo(2);
    }
}
