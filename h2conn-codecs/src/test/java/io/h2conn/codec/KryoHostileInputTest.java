package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.io.Output;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may send that means no good: it costs a typed error, little time, and no more memory than it has bytes. */
@Timeout(60)
@SuppressWarnings({"ArrayRecordComponent", "JdkObsolete"}) // what others' messages may have
class KryoHostileInputTest {
    private static final long FREE_BYTES = 1024 * 1024;
    private static final int BYTES_PER_BYTE = 64;

    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(int side) implements Shape {}

    record Ping() {}

    record Item(String sku, int count, @Nullable DayOfWeek day, List<String> tags) {}

    static class Node {
        @Nullable
        String name;

        @Nullable
        Node next;

        @Nullable
        Object any;

        @Nullable
        Collection<Object> children;

        int number;
    }

    record Everything(
            String text,
            Item item,
            List<Item> items,
            Map<String, Shape> shapes,
            Item[] itemArray,
            Object[] objects,
            String[] strings,
            int[] ints,
            byte[] bytes,
            boolean[] booleans,
            double[] doubles,
            List<Object> objectsInLists,
            Node node) {}

    private static final Everything EVERYTHING = everything();

    private static Everything everything() {
        Item item = new Item("sku", 1, DayOfWeek.FRIDAY, List.of("a", "grüße", "x".repeat(40)));
        Node node = new Node();
        node.name = "node";
        node.next = new Node();
        node.any = new Square(3);
        node.children = new ArrayList<>(List.of(new Node(), "x"));
        List<Object> values = new ArrayList<>(Arrays.asList(
                new BigDecimal("12345678901234567890.5"),
                new BigInteger("-12345678901234567890"),
                UUID.randomUUID(),
                URI.create("http://example.com"),
                Instant.EPOCH,
                Duration.ofDays(3),
                LocalDate.EPOCH,
                ZonedDateTime.parse("2026-01-02T03:04:05+01:00[Europe/Berlin]"),
                Optional.of("x"),
                null));
        List<Object> collections = new ArrayList<>(List.of(
                values,
                new LinkedList<>(List.of(1)),
                new ArrayDeque<>(List.of(1)),
                new HashSet<>(List.of(1)),
                new LinkedHashSet<>(List.of("x")),
                new TreeSet<>(List.of(1, 2)),
                EnumSet.of(DayOfWeek.MONDAY),
                new HashMap<>(Map.of("x", 1)),
                new LinkedHashMap<>(Map.of("x", 1)),
                new TreeMap<>(Map.of("x", 1)),
                new ConcurrentHashMap<>(Map.of("x", 1)),
                new PriorityQueue<>(List.of(1)),
                new ConcurrentSkipListMap<>(Map.of("x", 1)),
                BitSet.valueOf(new long[] {1, 2}),
                Set.of(1, 2),
                List.of(new Ping(), new Ping())));
        return new Everything(
                "text",
                item,
                List.of(item, item),
                Map.of("c", new Circle(1), "s", new Square(2)),
                new Item[] {item, null},
                new Object[] {item, null, "x"},
                new String[] {"a", null},
                new int[] {1, -1},
                new byte[100],
                new boolean[] {true},
                new double[] {1, 2},
                collections,
                node);
    }

    private static KryoCodec<Everything> codec(boolean references) {
        return KryoCodec.builder(Everything.class)
                .register(PriorityQueue.class)
                .register(ConcurrentSkipListMap.class)
                .register(BitSet.class)
                .register(Ping.class)
                .references(references)
                .build();
    }

    private static <T> byte[] encode(Codec<T> codec, T message) throws IOException {
        MessageOutput output = new MessageOutput(codec.maxMessageBytes());
        codec.encode(message, output);
        byte[] bytes = new byte[output.length()];
        output.toByteBuffer().get(bytes);
        return bytes;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Decodes; returns the failure, or null. */
    private static @Nullable CodecException decodeBounded(Codec<?> codec, byte[] bytes) throws IOException {
        long before = allocatedBytes();
        CodecException failure = null;
        try {
            assertThat(codec.decode(ByteBuffer.wrap(bytes))).isNotNull();
        } catch (CodecException e) {
            failure = e;
        }
        long allocated = allocatedBytes() - before;
        assertThat(allocated)
                .as("bytes of memory for a message of %s bytes", bytes.length)
                .isLessThan((long) BYTES_PER_BYTE * bytes.length + FREE_BYTES);
        return failure;
    }

    // ---------------------------------------------------------------- at random

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatWasTamperedWithIsAnErrorOrAMessage(boolean references) throws IOException {
        KryoCodec<Everything> codec = codec(references);
        byte[] valid = encode(codec, EVERYTHING);
        Everything expected = codec.decode(ByteBuffer.wrap(valid));
        long seed = 20261121;
        Random random = new Random(seed);
        int failures = 0;
        int rounds = 15_000;

        for (int round = 0; round < rounds; round++) {
            byte[] bytes = mutate(valid, random);
            try {
                failures += decodeBounded(codec, bytes) == null ? 0 : 1;
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", round " + round + ": " + Arrays.toString(bytes), e);
            }
            if (round % 100 == 0) {
                assertThat(codec.decode(ByteBuffer.wrap(valid)))
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
            } else {
                assertThat(codec.decode(ByteBuffer.wrap(valid)).items()).isEqualTo(expected.items());
            }
        }

        assertThat(failures).as("so that both are tested").isBetween(rounds / 4, rounds - 100);
    }

    private static byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] = (byte) random.nextInt(80); // likely an id of a class
                case 3 -> bytes = splice(bytes, at, new byte[] {-1, -1, -1, -1, (byte) random.nextInt(16)});
                case 4 -> bytes = splice(bytes, at, Arrays.copyOfRange(valid, at % valid.length, valid.length));
                case 5 -> bytes = Arrays.copyOf(bytes, 1 + at);
                default -> throw new AssertionError();
            }
        }
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int at, byte[] inserted) {
        byte[] result = Arrays.copyOf(bytes, bytes.length + inserted.length);
        System.arraycopy(inserted, 0, result, at, inserted.length);
        System.arraycopy(bytes, at, result, at + inserted.length, bytes.length - at);
        return result;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noiseIsAnErrorOrAMessage(boolean references) throws IOException {
        Codec<Object> codec = KryoCodec.builder(Object.class)
                .register(Everything.class)
                .register(Node.class)
                .references(references)
                .build();
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[1 + random.nextInt(100)];
            random.nextBytes(bytes);
            bytes[0] = (byte) random.nextInt(80);
            decodeBounded(codec, bytes);
        }
        assertThat(codec.decode(ByteBuffer.wrap(encode(codec, List.of("fine")))))
                .isEqualTo(List.of("fine"));
    }

    @Test
    void everyTruncationIsAnError() throws IOException {
        KryoCodec<Everything> codec = codec(false);
        byte[] valid = encode(codec, EVERYTHING);
        for (int length = 0; length < valid.length; length++) {
            assertThat(decodeBounded(codec, Arrays.copyOf(valid, length)))
                    .as("the first %s bytes", length)
                    .isNotNull();
        }
    }

    // ---------------------------------------------------------------- lengths that are not true

    private static final int[] LENGTHS = {Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE, -1, -2, 1 << 28};

    private static byte[] bytes(Consumer<Output> writing) {
        Output output = new Output(64, -1);
        writing.accept(output);
        return output.toBytes();
    }

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

    // ---------------------------------------------------------------- shapes

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
