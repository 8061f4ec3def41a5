package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class CodecsTest {
    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final DuplexConnection peer = pair.client();

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private <T> MessageConnection<T, T> messages(Codec<T> codec) {
        return MessageConnection.of(pair.server(), codec);
    }

    private void peerSends(String hex) throws IOException {
        peer.write(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    private byte[] peerReceives(int bytes) throws IOException {
        return peer.input().readNBytes(bytes);
    }

    // ---------------------------------------------------------------- buffers

    @Test
    void sendingABufferTakesWhatRemainsAndLeavesItAsItWas() throws IOException {
        ByteBuffer array = ByteBuffer.wrap("-abc-".getBytes(UTF_8)).position(1).limit(4);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(9).put(2, array, 1, 3).position(2).limit(5);
        ByteBuffer little = array.slice().order(ByteOrder.LITTLE_ENDIAN);
        for (ByteBuffer buffer : List.of(array, direct, little, array.asReadOnlyBuffer(), direct.asReadOnlyBuffer())) {
            int position = buffer.position();
            int limit = buffer.limit();
            ByteOrder order = buffer.order();
            for (Codec<ByteBuffer> codec : List.of(Codecs.buffers(), Codecs.fixedBuffers(3), Codecs.chunks())) {
                messages(codec).send(buffer);
            }

            assertThat(peerReceives(7 + 3 + 3)).asString(UTF_8).isEqualTo("\0\0\0\3abcabcabc");
            assertThat(buffer.position()).isEqualTo(position);
            assertThat(buffer.limit()).isEqualTo(limit);
            assertThat(buffer.order()).isEqualTo(order);
        }
    }

    @Test
    void aReceivedBufferIsTheReceiversOwn() throws IOException {
        MessageConnection<ByteBuffer, ByteBuffer> messages = messages(Codecs.buffers());
        peerSends("00000002 0102 00000001 03".replace(" ", ""));

        ByteBuffer first = messages.receive();
        ByteBuffer second = messages.receive();

        assertThat(first).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(second).isEqualTo(ByteBuffer.wrap(new byte[] {3}));
        assertThat(first.arrayOffset() + second.arrayOffset()).isZero();
        assertThat(first.array()).hasSize(2).isNotSameAs(second.array());
        assertThat(first.isReadOnly()).isFalse();
    }

    @Test
    void anEmptyMessageIsAMessageIfItsFramingCanTell() throws IOException {
        messages(Codecs.bytes()).send(new byte[0]);
        messages(Codecs.buffers()).send(ByteBuffer.allocate(0));
        messages(Codecs.lines()).send("");
        messages(Codecs.chunks()).send(ByteBuffer.allocate(0));
        pair.server().closeOutput();

        assertThat(peer.input().readAllBytes()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, '\n');
    }

    // ---------------------------------------------------------------- fixed size

    @Test
    void aMessageOfAnotherSizeThanTheFixedOneNamesBothAndIsNotSent() throws IOException {
        MessageConnection<byte[], byte[]> arrays = messages(Codecs.fixedBytes(4));
        for (int size : new int[] {0, 3, 5, 5_000_000}) {
            assertThatThrownBy(() -> arrays.send(new byte[size]))
                    .isExactlyInstanceOf(CodecException.class)
                    .hasMessageContaining("Codecs.fixedBytes(4)")
                    .hasMessageContaining("exactly 4 bytes")
                    .hasMessageContaining("has " + size);
        }
        assertThatThrownBy(() -> messages(Codecs.fixedBuffers(4)).send(ByteBuffer.allocate(5)))
                .isExactlyInstanceOf(CodecException.class)
                .hasMessageContaining("Codecs.fixedBuffers(4)");
        arrays.send(new byte[] {1, 2, 3, 4});
        pair.server().closeOutput();

        assertThat(peer.input().readAllBytes()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aFixedSizeAlsoHoldsForWhatATransformationMakes() throws IOException {
        Codec<byte[]> three = Codecs.fixedBytes(3).through(Transformation.deflate());
        MessageConnection<byte[], byte[]> receiver = MessageConnection.of(peer, three);
        messages(Codecs.bytes().through(Transformation.deflate())).send(new byte[2]);
        messages(three).send(new byte[3]);

        assertThatThrownBy(receiver::receive).isInstanceOf(CodecException.class).hasMessageContaining("exactly 3");
        assertThat(receiver.receive()).hasSize(3);
    }

    @Test
    void anInputThatEndsInsideAMessageOfFixedSizeIsNoShortMessage() throws IOException {
        MessageConnection<byte[], byte[]> messages = messages(Codecs.fixedBytes(4));
        peerSends("010203040506");
        peer.closeOutput();

        assertThat(messages.receive()).containsExactly(1, 2, 3, 4);
        assertThatThrownBy(messages::receive).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, (1 << 30) + 1, Integer.MAX_VALUE})
    void aFixedSizeThatMakesNoSenseIsRefused(int bytes) {
        assertThatThrownBy(() -> Codecs.fixedBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(bytes));
        assertThatThrownBy(() -> Codecs.fixedBuffers(bytes)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theMaximumOfAFixedSizeIsThatSizeAndASmallerOneRefusesThemAll() throws IOException {
        Codec<byte[]> codec = Codecs.fixedBytes(4);

        assertThat(codec.maxMessageBytes()).isEqualTo(4);
        messages(codec.withMaxMessageBytes(5)).send(new byte[4]);
        assertThatThrownBy(() -> messages(codec.withMaxMessageBytes(3)).send(new byte[4]))
                .isInstanceOf(MessageTooLargeException.class);
        assertThatThrownBy(() ->
                        messages(Codecs.fixedBuffers(4).withMaxMessageBytes(3)).send(ByteBuffer.allocate(4)))
                .isInstanceOf(MessageTooLargeException.class);
    }

    @Test
    void anotherMaximumIsKeptAndChecked() throws IOException {
        assertThat(Codecs.bytes().withMaxMessageBytes(3).maxMessageBytes()).isEqualTo(3);
        assertThatThrownBy(() -> Codecs.bytes().withMaxMessageBytes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> messages(Codecs.bytes().withMaxMessageBytes(3)).send(new byte[4]))
                .isInstanceOf(MessageTooLargeException.class);
        assertThatThrownBy(() -> messages(Codecs.lines().withMaxMessageBytes(3)).send("\u00e4\u00e4"))
                .isInstanceOf(MessageTooLargeException.class);
        messages(Codecs.lines().withMaxMessageBytes(3)).send("\u00e4a");

        MessageConnection<ByteBuffer, ByteBuffer> chunks =
                messages(Codecs.chunks().withMaxMessageBytes(2));
        peerSends("0102030405");
        assertThat(chunks.receive()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(chunks.receive()).isEqualTo(ByteBuffer.wrap(new byte[] {3, 4}));
        assertThat(chunks.receive()).isEqualTo(ByteBuffer.wrap(new byte[] {5}));
    }

    // ---------------------------------------------------------------- lines

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "a?b",
                "\u00fcber",
                "\ud83d\ude00",
                "abc\u20ac?",
                "\ufffd",
                "?\ufffd?\udbff\udfff",
                "a\rb",
                "\0\u2028\u0085\ufeff"
            })
    void textArrivesAsItWasSent(String text) throws IOException {
        messages(Codecs.lines()).send(text);

        assertThat(MessageConnection.of(peer, Codecs.lines()).receive()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        // line, offset of what is malformed
        "ff, 0",
        "6180, 1",
        "c3, 0", // cut off
        "61e282, 1",
        "e28262, 0",
        "c0af, 0", // a slash in two bytes
        "eda0bd, 0", // half of a surrogate pair
        "efbfbdf5808080, 3", // after a replacement character that is one
        "61f4908080, 1", // beyond U+10FFFF
    })
    void malformedUtf8IsAnErrorThatSaysWhereAndCostsThatLineOnly(String line, int offset) throws IOException {
        MessageConnection<String, String> messages = messages(Codecs.lines());
        peerSends("410a" + line + "0d0a420a" + line);
        peer.closeOutput();

        assertThat(messages.receive()).isEqualTo("A");
        for (int count = 0; count < 2; count++) {
            assertThatThrownBy(messages::receive)
                    .isExactlyInstanceOf(CodecException.class)
                    .hasMessageContaining("Codecs.lines()")
                    .hasMessageContaining("malformed UTF-8 at byte " + offset + " of the line")
                    .hasCauseInstanceOf(CharacterCodingException.class);
            assertThat(messages.receive()).isEqualTo(count == 0 ? "B" : null);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, D83D", "1, DC00", "5, DBFF", "20000, DFFF"})
    void halfASurrogatePairIsNotSent(int index, String surrogate) throws IOException {
        MessageConnection<String, String> messages = messages(Codecs.lines());
        String before = "?".repeat(index);
        char half = (char) Integer.parseInt(surrogate, 16);

        for (String after : List.of("", "x", "\u20ac", "\ud83d\ude00")) {
            assertThatThrownBy(() -> messages.send(before + half + after))
                    .isExactlyInstanceOf(CodecException.class)
                    .hasMessageContaining("U+" + surrogate + " at index " + index);
        }
        messages.send("fine");
        pair.server().closeOutput();

        assertThat(peer.input().readAllBytes()).asString(UTF_8).isEqualTo("fine\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\n", "end\r", "\r", "\u00e4\n"})
    void aLineWithAnEndOfLineInItIsNotSent(String line) throws IOException {
        MessageConnection<String, String> messages = messages(Codecs.lines());

        assertThatThrownBy(() -> messages.send(line)).isExactlyInstanceOf(CodecException.class);
        messages.send("fine");
        pair.server().closeOutput();

        assertThat(peer.input().readAllBytes()).asString(UTF_8).isEqualTo("fine\n");
    }

    @Test
    void lineEndsOfBothKindsMayArriveInPieces() throws IOException {
        MessageConnection<String, String> messages = messages(Codecs.lines());
        byte[] input = "a\r\n\r\nb\n\nc\rd\r\r\n\u20ac\r\nlast".getBytes(UTF_8);
        Thread sender = new Thread(() -> {
            try {
                for (byte b : input) {
                    peer.write(ByteBuffer.wrap(new byte[] {b}));
                }
                peer.closeOutput();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        sender.start();

        assertThat(messages.stream()).containsExactly("a", "", "b", "", "c\rd\r", "\u20ac", "last");
    }

    @Test
    void everyCodecSaysWhatItIs() {
        assertThat(List.of(
                        Codecs.bytes(),
                        Codecs.buffers().withMaxMessageBytes(7),
                        Codecs.lines().withMaxMessageBytes(7),
                        Codecs.fixedBytes(16),
                        Codecs.fixedBuffers(16),
                        Codecs.chunks(),
                        Codecs.lines().through(Transformation.deflate())))
                .extracting(Object::toString)
                .containsExactly(
                        "Codecs.bytes()",
                        "Codecs.buffers()",
                        "Codecs.lines()",
                        "Codecs.fixedBytes(16)",
                        "Codecs.fixedBuffers(16)",
                        "Codecs.chunks()",
                        "Codecs.lines() through Transformation.deflate()");
    }
}
