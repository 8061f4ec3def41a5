package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.cbor.CBORMapper;
import tools.jackson.dataformat.smile.SmileMapper;

/** The binary formats of Jackson: the same mapping, behind a length. */
@Timeout(30)
class BinaryJsonTest {
    enum Format {
        CBOR(CBORMapper.builder().build()),
        SMILE(SmileMapper.builder().build());

        @SuppressWarnings("ImmutableEnumChecker") // a mapper never changes
        private final ObjectMapper mapper;

        Format(ObjectMapper mapper) {
            this.mapper = mapper;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared field by field
    record Sample(String text, BigInteger number, double[] values, Map<String, List<Instant>> times, byte[] data) {}

    private static final Sample SAMPLE = new Sample(
            "\u20ac\ud83d\ude00",
            BigInteger.TWO.pow(64),
            new double[] {0, -1.5, 1e308},
            Map.of("a", List.of(Instant.parse("2024-01-02T03:04:05.678901234Z"))),
            new byte[] {0, 1, -1});

    private static byte[] encoded(Object message, Format format) throws IOException {
        MessageOutput output = new MessageOutput(100_000);
        JsonCodec.of(Object.class, format.mapper).encode(message, output);
        byte[] bytes = new byte[output.length()];
        output.toByteBuffer().get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void messagesArriveInBothDirectionsAsTheyWereSent(Format format) throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        Codec<Sample> codec = JsonCodec.of(Sample.class, format.mapper);
        MessageConnection<Sample, Sample> client = MessageConnection.of(pair.client(), codec);
        MessageConnection<Sample, Sample> server = MessageConnection.of(pair.server(), codec);
        Sample large = new Sample("x".repeat(20_000), BigInteger.ONE, new double[0], Map.of(), new byte[30_000]);

        client.sendAll(List.of(SAMPLE, large, SAMPLE));
        client.closeOutput();
        server.send(SAMPLE);

        assertThat(client.receive()).usingRecursiveComparison().isEqualTo(SAMPLE);
        assertThat(server.receive()).usingRecursiveComparison().isEqualTo(SAMPLE);
        assertThat(server.receive()).usingRecursiveComparison().isEqualTo(large);
        assertThat(server.receive()).usingRecursiveComparison().isEqualTo(SAMPLE);
        assertThat(server.receive()).isNull();
        client.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatFollowsTheValueWithinItsLengthIsAnErrorOfThatMessageOnly(Format format) throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<byte[], byte[]> raw = MessageConnection.of(pair.client(), Codecs.bytes());
        MessageConnection<JsonNode, JsonNode> messages =
                MessageConnection.of(pair.server(), JsonCodec.of(JsonNode.class, format.mapper));
        byte[] good = encoded(Map.of("a", 1), format);

        for (byte[] tail : new byte[][] {{0}, {1}, {0x61}, {-1, -1}, {-1, 1}, {-1, ':', ')', '\n', 0, 0x24}}) {
            byte[] bytes = Arrays.copyOf(good, good.length + tail.length);
            System.arraycopy(tail, 0, bytes, good.length, tail.length);
            raw.send(bytes);
            assertThatThrownBy(messages::receive)
                    .as("%s", Arrays.toString(tail))
                    .isExactlyInstanceOf(CodecException.class);
        }
        byte[] twice = Arrays.copyOf(good, 2 * good.length);
        System.arraycopy(good, 0, twice, good.length, good.length);
        raw.send(twice);
        assertThatThrownBy(messages::receive).isExactlyInstanceOf(CodecException.class);
        raw.send(good);

        assertThat(messages.receive()).hasToString("{\"a\":1}");
        pair.client().abort();
    }

    /** A decoder that looked further would find the rest in the message after it. */
    @ParameterizedTest
    @EnumSource
    void aValueThatIsLongerThanItsLengthIsAnErrorOfThatMessageOnly(Format format) throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<byte[], byte[]> raw = MessageConnection.of(pair.client(), Codecs.bytes());
        MessageConnection<JsonNode, JsonNode> messages =
                MessageConnection.of(pair.server(), JsonCodec.of(JsonNode.class, format.mapper));
        byte[] good = encoded(Map.of("name", List.of("text", 1, 2.5)), format);
        for (int length = 0; length < good.length; length++) {
            raw.sendAll(List.of(Arrays.copyOf(good, length), Arrays.copyOfRange(good, length, good.length), good));

            assertThatThrownBy(messages::receive).isExactlyInstanceOf(CodecException.class);
            skipAnything(messages);
            assertThat(messages.receive()).hasToString("{\"name\":[\"text\",1,2.5]}");
        }
        pair.client().abort();
    }

    /** The second part of a value may or may not be one of its own. */
    private static void skipAnything(MessageConnection<JsonNode, JsonNode> messages) throws IOException {
        try {
            messages.receive();
        } catch (CodecException e) {
            assertThat(e.offset()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnnouncedLengthInsideTheValueTakesNoMemory(Format format) {
        byte[] bomb = format == Format.CBOR
                ? new byte[] {0x5A, 0x7F, -1, -1, 0, 1}
                : new byte[] {':', ')', '\n', 1, (byte) 0xFD, 0x0F, 0x7F, 0x7F, 0x7F, (byte) 0xBF, 1};

        assertThatThrownBy(() -> JsonCodec.of(byte[].class, format.mapper).decode(ByteBuffer.wrap(bomb)))
                .isExactlyInstanceOf(CodecException.class);
    }

    @ParameterizedTest
    @EnumSource
    void theEndInsideAMessageIsAnEndOfFile(Format format) throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<JsonNode, JsonNode> messages =
                MessageConnection.of(pair.server(), JsonCodec.of(JsonNode.class, format.mapper));
        pair.client().write(ByteBuffer.wrap(new byte[] {0, 0, 0, 2, 1}));
        pair.client().closeOutput();

        assertThatThrownBy(messages::receive).isInstanceOf(EOFException.class);
        pair.server().abort();
    }
}
