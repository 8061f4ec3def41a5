package io.h2conn.codec;

import static io.h2conn.codec.KryoFixture.encode;
import static io.h2conn.codec.KryoHostility.bytes;
import static io.h2conn.codec.KryoHostility.decodeBounded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.io.Output;
import io.h2conn.codec.KryoHostility.Item;
import io.h2conn.codec.KryoHostility.Ping;
import io.h2conn.codec.KryoHostility.Shape;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths that are not true: none is believed before the bytes for it are there. */
@Timeout(60)
class KryoHostileLengthsTest {
    private static final int[] LENGTHS = {Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE, -1, -2, 1 << 28};

    static Stream<Class<?>> typesWithALength() {
        return Stream.of(
                byte[].class,
                short[].class,
                char[].class,
                int[].class,
                long[].class,
                float[].class,
                double[].class,
                boolean[].class,
                String[].class,
                Object[].class,
                Item[].class,
                Shape[].class,
                int[][].class,
                ArrayList.class,
                LinkedList.class,
                ArrayDeque.class,
                HashSet.class,
                LinkedHashSet.class,
                TreeSet.class,
                PriorityQueue.class,
                HashMap.class,
                LinkedHashMap.class,
                TreeMap.class,
                ConcurrentHashMap.class,
                ConcurrentSkipListMap.class,
                BigInteger.class,
                BigDecimal.class,
                BitSet.class,
                URI.class,
                String.class,
                StringBuilder.class,
                List.of().getClass(),
                Set.of().getClass(),
                Map.of().getClass());
    }

    @ParameterizedTest
    @MethodSource("typesWithALength")
    void aLengthIsNotBelievedBeforeItsBytesAreThere(Class<?> type) throws IOException {
        int[] id = new int[1];
        Codec<Object> codec = KryoCodec.builder(Object.class)
                .register(Item[].class)
                .register(Shape[].class)
                .register(int[][].class)
                .register(PriorityQueue.class)
                .register(ConcurrentSkipListMap.class)
                .register(BitSet.class)
                .register(StringBuilder.class)
                .register(Ping.class)
                .configure(kryo -> id[0] = kryo.getRegistration(type).getId() + 2)
                .build();
        Codec<Object> pings = codec;
        int ping = encode(pings, new Ping())[0];
        for (int length : LENGTHS) {
            for (int what = 0; what < 6; what++) {
                int rest = what;
                byte[] asVarint = bytes(output -> {
                    output.writeVarInt(id[0], true);
                    output.writeVarInt(length, true);
                    tail(output, rest, ping);
                });
                byte[] asFlagged = bytes(output -> {
                    output.writeVarInt(id[0], true);
                    output.writeVarIntFlag(true, length, true);
                    tail(output, rest, ping);
                });
                byte[] afterAComparator = bytes(output -> {
                    output.writeVarInt(id[0], true);
                    output.writeVarIntFlag(true, length, true);
                    output.writeByte(0);
                    tail(output, rest, ping);
                });
                assertThat(decodeBounded(codec, asVarint)).isNotNull();
                decodeBounded(codec, asFlagged);
                decodeBounded(codec, afterAComparator);
            }
        }
        assertThat(codec.decode(ByteBuffer.wrap(encode(codec, "fine")))).isEqualTo("fine");
    }

    /** What makes the elements cost nothing: their class, once, and that none of them is null. */
    private static void tail(Output output, int what, int ping) {
        switch (what) {
            case 0 -> {}
            case 1 -> output.writeByte(0);
            case 2 -> output.writeBytes(new byte[] {(byte) ping, 0});
            case 3 -> output.writeBytes(new byte[] {(byte) ping, 1});
            case 4 -> output.writeBytes(new byte[200]);
            case 5 -> output.writeByte(ping);
            default -> throw new AssertionError();
        }
    }

    @Test
    void elementsWithoutBytesAreBoundedOnBothSides() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class, Ping.class);
        for (Object element : new Object[] {null, new Ping()}) {
            List<Object> most = new ArrayList<>(Collections.nCopies(16 * 1024, element));
            assertThat(codec.decode(ByteBuffer.wrap(encode(codec, most)))).isEqualTo(most);

            List<Object> tooMany = new ArrayList<>(Collections.nCopies(17 * 1024, element));
            assertThatThrownBy(() -> encode(codec, tooMany))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("17408 elements");
        }
        assertThatThrownBy(() -> encode(codec, Collections.nCopies(Integer.MAX_VALUE, new Ping())))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("2147483647 elements");
        List<Integer> many = new ArrayList<>(Collections.nCopies(500_000, 1));
        assertThat(codec.decode(ByteBuffer.wrap(encode(codec, many)))).isEqualTo(many);
    }

    @ParameterizedTest
    @ValueSource(classes = {Object[].class, ArrayList.class, HashMap.class, String[].class})
    void lengthsWithinLengthsDoNotAddUp(Class<?> type) throws IOException {
        int[] id = new int[1];
        Codec<Object> codec = KryoCodec.builder(Object.class)
                .configure(kryo -> id[0] = kryo.getRegistration(type).getId() + 2)
                .build();
        int messageBytes = 100_000;
        byte[] message = Arrays.copyOf(
                bytes(output -> {
                    for (int i = 0; i < 400; i++) {
                        output.writeVarInt(id[0], true);
                        output.writeVarInt(messageBytes / 4, true);
                    }
                }),
                messageBytes);

        decodeBounded(codec, message);
    }
}
