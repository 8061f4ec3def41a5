package io.h2conn.codec;

import static io.h2conn.codec.KryoFixture.encode;
import static io.h2conn.codec.KryoHostility.decodeBounded;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.codec.KryoHostility.Circle;
import io.h2conn.codec.KryoHostility.Item;
import io.h2conn.codec.KryoHostility.Node;
import io.h2conn.codec.KryoHostility.Ping;
import io.h2conn.codec.KryoHostility.Shape;
import io.h2conn.codec.KryoHostility.Square;
import java.io.IOException;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may send that means no good: it costs a typed error, little time, and no more memory than it has bytes. */
@Timeout(60)
@SuppressWarnings({"ArrayRecordComponent", "JdkObsolete"}) // what others' messages may have
class KryoHostileInputTest {
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
}
