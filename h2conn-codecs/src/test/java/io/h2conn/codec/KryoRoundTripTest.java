package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
@SuppressWarnings({"ArrayRecordComponent", "JdkObsolete", "JavaUtilDate", "UnusedVariable"
}) // what others' messages may have
class KryoRoundTripTest {
    enum Color {
        RED,
        GREEN {
            @Override
            boolean isLovely() {
                return true;
            }
        };

        boolean isLovely() {
            return false;
        }
    }

    sealed interface Shape permits Circle, Square, Nothing {}

    record Circle(double radius) implements Shape {}

    record Square(int side) implements Shape {}

    enum Nothing implements Shape {
        NOTHING
    }

    record Item(String sku, int count, @Nullable Color color) {}

    record Order(UUID id, List<Item> items, Map<String, Shape> shapes, Item @Nullable [] more, DayOfWeek day) {}

    record Pair<A, B>(A first, B second) {}

    /** No record, with everything that a class may have. */
    static class Base {
        private final String name;
        int count = 1;
        transient int notSent = 2;

        Base() {
            this("nobody");
        }

        Base(String name) {
            this.name = name;
        }
    }

    static final class Derived extends Base {
        private final List<Item> items = new ArrayList<>();
        private Shape shape = new Square(1);
        private @Nullable Object anything;
        private @Nullable Base other;
        private long[] numbers = {};

        private Derived() {}

        Derived(String name) {
            super(name);
        }
    }

    static final class Items extends ArrayList<Item> {
        private static final long serialVersionUID = 1L;
    }

    private static <T> T roundTrip(Codec<T> codec, T message) throws IOException {
        MessageOutput output = new MessageOutput(codec.maxMessageBytes());
        codec.encode(message, output);
        return codec.decode(output.toByteBuffer());
    }

    static Stream<Object> jdkObjects() {
        Map<String, Integer> map = new HashMap<>(Map.of("a", 1, "b", 2, "", -3));
        List<Object> list =
                new ArrayList<>(Arrays.asList("a", 1, 2.5, null, 'c', -1L, true, (byte) 1, (short) 2, 1.5f));
        return Stream.of(
                "",
                "a",
                "text",
                "x".repeat(32),
                "x".repeat(33),
                "x".repeat(5000),
                "grüße € 😀 \0",
                "x".repeat(100) + "ü" + "€".repeat(100),
                1,
                -1L,
                Long.MIN_VALUE,
                2.5,
                1.5f,
                'ü',
                true,
                (byte) -1,
                (short) -1,
                list,
                new ArrayList<>(),
                new ArrayList<>(Collections.nCopies(100, null)),
                new LinkedList<>(list),
                new HashSet<>(Arrays.asList(1, "b", null)),
                new LinkedHashSet<>(List.of(3, 1, 2)),
                new TreeSet<>(List.of(3, 1, 2)),
                EnumSet.of(Color.GREEN),
                EnumSet.noneOf(Color.class),
                map,
                new HashMap<>(),
                new LinkedHashMap<>(map),
                new TreeMap<>(map),
                new ConcurrentHashMap<>(map),
                List.of(),
                List.of(1),
                List.of(1, 2, 3, "four"),
                List.of(1, 2, 3, 4).subList(1, 3),
                Stream.of(1, null).toList(),
                Collections.emptyList(),
                Collections.singletonList("x"),
                Collections.unmodifiableList(new LinkedList<>(list)),
                Collections.nCopies(3, "x"),
                Set.of(),
                Set.of("x"),
                Set.of(1, 2, 3),
                Collections.singleton("x"),
                Collections.emptySet(),
                Map.of(),
                Map.of("x", 1),
                Map.of("x", 1, "y", 2),
                Collections.emptyMap(),
                Collections.singletonMap("x", null),
                Optional.empty(),
                Optional.of(List.of("x")),
                OptionalInt.of(-1),
                OptionalInt.empty(),
                OptionalLong.of(Long.MAX_VALUE),
                OptionalDouble.of(0.1),
                Color.RED,
                Color.GREEN,
                DayOfWeek.FRIDAY,
                new BigInteger("-123456789012345678901234567890"),
                BigInteger.ZERO,
                new BigDecimal("123456789012345678901234567890.123"),
                new BigDecimal("-0.10"),
                UUID.fromString("123e4567-e89b-12d3-a456-426614174000"),
                URI.create("https://example.com/a?b=c#d"),
                new Date(-1),
                Instant.MIN,
                Instant.parse("2026-01-02T03:04:05.000000006Z"),
                Duration.ofSeconds(-5, 7),
                Period.of(-1, 2, -3),
                LocalDate.MIN,
                LocalTime.MAX,
                LocalDateTime.of(2026, 1, 2, 3, 4),
                OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHours(-3)),
                OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.ofTotalSeconds(1234)),
                ZoneOffset.UTC,
                ZoneId.of("America/New_York"),
                Year.of(-5),
                YearMonth.of(2026, 12),
                MonthDay.of(2, 29));
    }

    @ParameterizedTest
    @MethodSource("jdkObjects")
    void whatTheJdkOffersNeedsNoRegistration(Object object) throws IOException {
        for (boolean references : new boolean[] {false, true}) {
            Codec<Object> codec = KryoCodec.builder(Object.class)
                    .register(Color.class)
                    .register(DayOfWeek.class)
                    .references(references)
                    .build();

            Object arrived = roundTrip(codec, object);

            assertThat(arrived).isEqualTo(object);
            assertThat(roundTrip(codec, arrived)).as("what arrived, sent again").isEqualTo(object);
        }
    }

    static Stream<Arguments> arrays() {
        return Stream.of(
                        new byte[] {1, -1},
                        new byte[0],
                        new byte[100_000],
                        new short[] {1, -1},
                        new char[] {'a', 'ü'},
                        new int[] {1, -1, Integer.MAX_VALUE},
                        new long[] {1, -1, Long.MIN_VALUE},
                        new float[] {1.5f},
                        new double[] {1.5, Double.NaN},
                        new boolean[] {true, false, true},
                        new String[] {"a", null, "", "ü"},
                        new Object[] {"a", null, 1, new int[] {1}},
                        new Object[] {new Object[] {new Object[0]}})
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void arraysNeedNoRegistration(Object array) throws IOException {
        assertThat(roundTrip(KryoCodec.of(Object.class), array)).isEqualTo(array);
        assertThat(roundTrip(KryoCodec.builder(Object.class).references(true).build(), array))
                .isEqualTo(array);
    }

    @Test
    void arraysOfTheUsersClassesAndOfArraysAreFoundInDeclarations() throws IOException {
        record Nested(Item[] items, Shape[][] shapes, int[][] numbers, List<String>[] lists) {}
        @SuppressWarnings({"unchecked", "rawtypes"})
        List<String>[] lists = new List[] {List.of("x"), null};
        Nested arrays = new Nested(
                new Item[] {new Item("a", 1, null), null},
                new Shape[][] {{new Circle(1), Nothing.NOTHING}, {}, null},
                new int[][] {{1, 2}, null},
                lists);

        assertThat(roundTrip(KryoCodec.of(Nested.class), arrays))
                .usingRecursiveComparison()
                .isEqualTo(arrays);
    }

    @Test
    void unmodifiableCollectionsArriveUnmodifiableAndInOrder() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);
        List<Integer> numbers = IntStream.range(0, 1000).boxed().toList();

        List<?> list = (List<?>) roundTrip(codec, List.of(1, 2));
        Set<?> set = (Set<?>) roundTrip(codec, Collections.unmodifiableSet(new LinkedHashSet<>(numbers)));
        Map<?, ?> map = (Map<?, ?>) roundTrip(codec, Collections.unmodifiableMap(new TreeMap<>(Map.of(2, 1, 1, 2))));

        assertThat(set).isEqualTo(new HashSet<>(numbers));
        assertThat(new ArrayList<Object>(set)).isEqualTo(numbers);
        assertThat(map).hasToString("{1=2, 2=1}");
        assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(set::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void viewsArriveAsACopyThatCanBeModified() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);

        assertThat(roundTrip(codec, Arrays.asList(1, 2)))
                .isEqualTo(List.of(1, 2))
                .isInstanceOf(ArrayList.class);
        assertThat(roundTrip(codec, new ArrayList<>(List.of(1, 2, 3)).subList(0, 2)))
                .isEqualTo(List.of(1, 2))
                .isInstanceOf(ArrayList.class);
    }

    @Test
    void aQueueArrivesInOrder() throws IOException {
        ArrayDeque<?> queue = (ArrayDeque<?>) roundTrip(KryoCodec.of(Object.class), new ArrayDeque<>(List.of(1, 2, 3)));

        assertThat(new ArrayList<Object>(queue)).isEqualTo(List.of(1, 2, 3));
    }

    @Test
    @SuppressWarnings("unchecked")
    void sortedCollectionsKeepTheirOrderIfItIsOneThatTheJdkHas() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);
        for (Comparator<String> order : List.of(
                Comparator.<String>reverseOrder(), Comparator.<String>naturalOrder(), String.CASE_INSENSITIVE_ORDER)) {
            SortedMap<String, Integer> map = new TreeMap<>(order);
            map.putAll(Map.of("a", 1, "B", 2));

            SortedMap<String, Integer> arrived = (SortedMap<String, Integer>) roundTrip(codec, map);

            assertThat(arrived).isEqualTo(map);
            assertThat(arrived.comparator()).isSameAs(order);
        }
    }

    @Test
    void theSecondOfTwoEqualHoursWhenClocksAreTurnedBackStaysTheSecond() throws IOException {
        ZonedDateTime first = ZonedDateTime.of(2025, 10, 26, 2, 30, 0, 1, ZoneId.of("Europe/Berlin"));
        ZonedDateTime second = first.plusHours(1);
        Codec<ZonedDateTime> codec = KryoCodec.of(ZonedDateTime.class);

        assertThat(roundTrip(codec, first)).isEqualTo(first);
        assertThat(roundTrip(codec, second)).isEqualTo(second);
        assertThat(roundTrip(codec, second).getOffset()).isNotEqualTo(first.getOffset());
    }

    @Test
    void whatARecordIsMadeOfNeedsNoRegistration() throws IOException {
        Order order = new Order(
                UUID.randomUUID(),
                List.of(new Item("a", 1, Color.GREEN), new Item("b", -2, null)),
                Map.of("c", new Circle(0.5), "s", new Square(2), "n", Nothing.NOTHING),
                new Item[] {new Item("c", 3, Color.RED)},
                DayOfWeek.MONDAY);

        assertThat(roundTrip(KryoCodec.of(Order.class), order))
                .usingRecursiveComparison()
                .isEqualTo(order);
    }

    @Test
    void nullsInRecordsAndCollectionsArriveAsNulls() throws IOException {
        Order empty = new Order(null, null, null, null, null);
        Pair<Object, Object> pair = new Pair<>(null, Arrays.asList(null, new Item(null, 0, null)));

        assertThat(roundTrip(KryoCodec.of(Order.class), empty)).isEqualTo(empty);
        assertThat(roundTrip(KryoCodec.of(Pair.class, Item.class), pair)).isEqualTo(pair);
    }

    @Test
    void aSealedInterfaceCanBeTheMessage() throws IOException {
        Codec<Shape> codec = KryoCodec.of(Shape.class);

        for (Shape shape : List.of(new Circle(1), new Square(2), Nothing.NOTHING)) {
            assertThat(roundTrip(codec, shape)).isEqualTo(shape);
        }
    }

    @Test
    void genericTypesTellWhatTheyAreMadeOf() throws IOException {
        record Holder(Pair<Item, ? extends List<Shape>> pair) {}
        Holder holder = new Holder(new Pair<>(new Item("a", 1, null), List.of(new Circle(1))));

        assertThat(roundTrip(KryoCodec.of(Holder.class), holder)).isEqualTo(holder);
    }

    @Test
    void aClassThatIsNoRecordIsSentByItsFieldsAndMadeByItsConstructor() throws IOException {
        Derived derived = new Derived("first");
        derived.count = -5;
        derived.notSent = 3;
        derived.items.add(new Item("a", 1, Color.RED));
        derived.shape = new Circle(3);
        derived.anything = new Date(5);
        derived.other = new Base("second");
        derived.numbers = new long[] {1, 2};
        for (boolean references : new boolean[] {false, true}) {
            Codec<Derived> codec = KryoCodec.builder(Derived.class)
                    .register(Base.class)
                    .references(references)
                    .build();

            Derived arrived = roundTrip(codec, derived);

            assertThat(arrived)
                    .usingRecursiveComparison()
                    .ignoringFields("notSent")
                    .isEqualTo(derived);
            assertThat(arrived.notSent).isEqualTo(2);
        }
    }

    @Test
    void aCollectionOfTheUsersTellsWhatIsInIt() throws IOException {
        Items items = new Items();
        items.add(new Item("a", 1, Color.RED));

        assertThat(roundTrip(KryoCodec.of(Items.class), items)).isEqualTo(items).isInstanceOf(Items.class);
    }

    @Test
    void messagesOfTwoTypesGoBothWaysOverAConnection() throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        try (MessageConnection<Order, Shape> client =
                        MessageConnection.of(pair.client(), KryoCodec.of(Order.class), KryoCodec.of(Shape.class));
                MessageConnection<Shape, Order> server =
                        MessageConnection.of(pair.server(), KryoCodec.of(Shape.class), KryoCodec.of(Order.class))) {
            Order order = new Order(UUID.randomUUID(), List.of(), Map.of(), null, DayOfWeek.MONDAY);
            client.send(new Circle(1));
            client.send(new Square(2));
            client.sendAll(List.of(new Circle(3), new Square(4)));
            server.send(order);
            client.closeOutput();

            assertThat(client.receive()).isEqualTo(order);
            assertThat(server.stream()).containsExactly(new Circle(1), new Square(2), new Circle(3), new Square(4));
        }
    }

    @Test
    void aMessageLeavesItsBytesAsTheyWere() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);
        MessageOutput output = new MessageOutput(1000);
        codec.encode(List.of("x".repeat(50), "grüße", 1), output);
        byte[] bytes = new byte[output.length() + 7];
        output.toByteBuffer().get(bytes, 3, output.length());
        byte[] before = bytes.clone();

        codec.decode(ByteBuffer.wrap(bytes, 3, output.length()));
        assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(bytes, 3, output.length() - 1)))
                .isInstanceOf(CodecException.class);

        assertThat(bytes).isEqualTo(before);
    }
}
