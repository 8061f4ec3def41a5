package io.h2conn.codec;

import static io.h2conn.codec.KryoFixture.encode;
import static io.h2conn.codec.KryoHostility.bytes;
import static io.h2conn.codec.KryoHostility.decodeBounded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.codec.KryoHostility.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects where no object, or another one, belongs: nested without end, of the wrong type, or of a class of the peer's choice. */
@Timeout(60)
class KryoHostileShapesTest {
    @Test
    void nestingWithoutEndIsAnError() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class, Node.class);
        int list = encode(codec, new ArrayList<>())[0];
        byte[] message = bytes(output -> {
            for (int i = 0; i < 100_000; i++) {
                output.writeByte(list);
                output.writeVarIntFlag(false, 2, true);
            }
        });

        assertThat(decodeBounded(codec, message)).hasMessageContaining("deeper than 500");
    }

    @Test
    void nestingThatIsAllowedButTooDeepForTheStackIsAnError() throws IOException {
        Codec<Object> codec =
                KryoCodec.builder(Object.class).maxDepth(10_000_000).build();
        int list = encode(codec, new ArrayList<>())[0];
        byte[] message = bytes(output -> {
            for (int i = 0; i < 300_000; i++) {
                output.writeByte(list);
                output.writeVarIntFlag(false, 2, true);
            }
        });

        assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(message)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("too deeply");
        assertThat(codec.decode(ByteBuffer.wrap(encode(codec, "fine")))).isEqualTo("fine");
    }

    @Test
    void anObjectThatDoesNotFitItsFieldIsAnError() throws IOException {
        Node node = new Node();
        node.children = new ArrayList<>();
        for (boolean references : new boolean[] {false, true}) {
            Codec<Object> codec = KryoCodec.builder(Object.class)
                    .register(Node.class)
                    .references(references)
                    .build();
            byte[] message = encode(codec, node);
            int list = encode(codec, new ArrayList<>())[0];
            int set = encode(codec, new HashMap<>())[0];
            for (int i = 0; i < message.length; i++) {
                if (message[i] == list) {
                    message[i] = (byte) set;
                }
            }

            assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(message)))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("children")
                    .hasMessageContaining("HashMap");
        }
    }

    @Test
    void aReferenceToAnObjectOfAnotherTypeIsAnError() throws IOException {
        Codec<Node> codec = KryoCodec.builder(Node.class).references(true).build();
        Node node = new Node();
        node.name = "name";
        node.next = new Node();
        byte[] message = encode(codec, node);
        // In the order of their names: any, children, name, next, number. The first name becomes a reference to the
        // node.
        int any = 2;
        assertThat(message[any]).isZero();
        assertThat(message[any + 2]).isEqualTo((byte) 1);
        message[any + 2] = 2;

        assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(message))).isInstanceOf(CodecException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0xC0, 0xE0, 0xF0, 0xFF})
    void aStringThatIsNoUtf8ShowsNothingOfTheStringBefore(int wrong) throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);
        int string = encode(codec, "text")[0];
        encode(codec, "ü".repeat(50));
        assertThat(codec.decode(ByteBuffer.wrap(encode(codec, "secret ".repeat(10) + "ü"))))
                .isNotNull();
        byte[] message = bytes(output -> {
            output.writeVarInt(string, true);
            output.writeVarIntFlag(true, 41, true);
            for (int i = 0; i < 40; i++) {
                output.writeByte(wrong);
            }
        });

        assertThat(decodeBounded(codec, message)).hasMessageContaining("character");
    }

    @Test
    void aPeerCannotNameAClass() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);
        byte[] message = bytes(output -> {
            output.writeVarInt(1, true);
            output.writeVarInt(0, true);
            output.writeString(Node.class.getName());
        });

        assertThat(decodeBounded(codec, message)).hasMessageContaining("Node is not registered");
    }
}
