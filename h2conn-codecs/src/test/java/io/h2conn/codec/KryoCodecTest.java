package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class KryoCodecTest {
    interface Animal {}

    record Cat(String name, int lives) implements Animal {}

    record Dog(String name) implements Animal {}

    record Zoo(List<Animal> animals) {}

    record Point(int x, int y, String name, @Nullable Point next, List<Integer> more) {}

    record Money(long cents, String currency) {}

    record Bill(Money total) {}

    static class Person {
        final String name;

        @Nullable
        Person partner;

        final Set<Person> children = new HashSet<>();

        Person() {
            this("");
        }

        Person(String name) {
            this.name = name;
        }
    }

    static final class Stranger {}

    record Positive(int number) {
        Positive {
            if (number <= 0) {
                throw new IllegalArgumentException("number must be positive but was " + number);
            }
        }
    }

    record Negative(int number) {}

    static final class MoneySerializer extends Serializer<Money> {
        @Override
        public void write(Kryo kryo, Output output, Money money) {
            output.writeString(money.cents + " " + money.currency);
        }

        @Override
        public Money read(Kryo kryo, Input input, Class<? extends Money> type) {
            String text = input.readString();
            int space = text.indexOf(' ');
            return new Money(Long.parseLong(text.substring(0, space)), text.substring(space + 1));
        }
    }

    private static <T> byte[] encode(Codec<T> codec, T message) throws IOException {
        MessageOutput output = new MessageOutput(codec.maxMessageBytes());
        codec.encode(message, output);
        byte[] bytes = new byte[output.length()];
        output.toByteBuffer().get(bytes);
        return bytes;
    }

    private static <T> T decode(Codec<T> codec, byte[] bytes) throws IOException {
        return codec.decode(ByteBuffer.wrap(bytes));
    }

    private static <T> T roundTrip(Codec<T> codec, T message) throws IOException {
        return decode(codec, encode(codec, message));
    }

    private static byte[] sent(Codec<Object> codec, Object message) throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        try (MessageConnection<Object, Object> messages = MessageConnection.of(pair.client(), codec)) {
            messages.send(message);
            messages.closeOutput();
            return pair.server().input().readAllBytes();
        } finally {
            pair.server().abort();
        }
    }

    // ---------------------------------------------------------------- the wire

    @Test
    void theBytesOnTheWireAreTheDocumentedOnes() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class, Point.class);

        // More: class 19, varint with flag "of one class": 2 + 1; class 0 (int), no nulls. Name: last character + 0x80.
        assertThat(hex(sent(codec, new Point(1, -1, "ab", null, new ArrayList<>(List.of(5, -300))))))
                .isEqualTo("0d" + "43" + ("15" + "83" + "02" + "00" + "0a" + "d704") + "61e2" + "00" + "02" + "01");
        assertThat(hex(sent(codec, "ü"))).isEqualTo("04" + "03" + "82" + "c3bc");
        assertThat(hex(sent(codec, List.of(1, 2)))).isEqualTo("05" + "20" + "02" + "02" + "02" + "04");
        assertThat(hex(sent(codec, Map.of("k", true)))).isEqualTo("07" + "22" + "01" + "03" + "826b" + "05" + "01");
    }

    @Test
    void withReferencesAnObjectIsMarkedAsNewOrByItsNumber() throws IOException {
        record Two(Object first, Object second) {}
        Codec<Object> codec = KryoCodec.builder(Object.class)
                .register(Two.class)
                .references(true)
                .build();
        List<Integer> list = new ArrayList<>(List.of(7));

        // The record is object 0, the list object 1, so its reference is 1 + 2. Numbers are never references.
        assertThat(hex(sent(codec, new Two(list, list))))
                .isEqualTo("0a" + "43" + "01" + ("15" + "01" + "82" + "02" + "00" + "0e") + ("15" + "03"));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void theClassesOfTheUserBeginAt64InAnOrderThatDeclarationsGive() {
        List<String> classes = new ArrayList<>();
        KryoCodec.builder(Zoo.class)
                .register(Cat.class)
                .register(Point.class)
                .configure(kryo -> {
                    for (int id = 64; kryo.getRegistration(id) != null; id++) {
                        classes.add(kryo.getRegistration(id).getType().getSimpleName());
                    }
                    classes.add("next: " + kryo.register(Locale.class).getId());
                })
                .build();

        assertThat(classes).containsExactly("Zoo", "Cat", "Point", "next: 67");
    }

    // ---------------------------------------------------------------- registration

    @Test
    void aClassThatIsNotRegisteredIsNamedWithTheLineThatRegistersIt() throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        try (MessageConnection<Zoo, Zoo> messages =
                MessageConnection.of(pair.client(), KryoCodec.of(Zoo.class, Cat.class))) {
            assertThatThrownBy(() -> messages.send(new Zoo(List.of(new Cat("a", 9), new Dog("b")))))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("KryoCodec[io.h2conn.codec.KryoCodecTest$Zoo]")
                    .hasMessageContaining(
                            "add .register(io.h2conn.codec.KryoCodecTest.Dog.class) to the codec's builder, on"
                                    + " both sides and in the same order")
                    .hasMessageContaining("in animals");
            messages.send(new Zoo(List.of()));
        } finally {
            pair.server().abort();
        }
    }

    @Test
    void aClassThatNobodyCanNameIsNotToBeRegistered() {
        assertThatThrownBy(() -> encode(KryoCodec.of(Object.class), new HashMap<>(Map.of(1, 2)).keySet()))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("java.util.HashMap.KeySet is not registered; send a copy");
    }

    @Test
    void aClassThatThePeerDoesNotHaveIsAnError() throws IOException {
        byte[] dog = encode(KryoCodec.of(Animal.class, Cat.class, Dog.class), new Dog("a"));

        assertThatThrownBy(() -> decode(KryoCodec.of(Animal.class, Cat.class), dog))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("65")
                .hasMessageContaining("the same order");
    }

    @Test
    void anotherOrderIsAnErrorWhereTheClassesLookDifferent() throws IOException {
        Codec<Animal> ours = KryoCodec.of(Animal.class, Cat.class, Dog.class);
        Codec<Animal> theirs = KryoCodec.of(Animal.class, Dog.class, Cat.class);

        assertThatThrownBy(() -> decode(theirs, encode(ours, new Cat("a", 9)))).isInstanceOf(CodecException.class);
        assertThatThrownBy(() -> decode(theirs, encode(ours, new Dog("a")))).isInstanceOf(CodecException.class);
    }

    @Test
    void anObjectThatIsNotOfTheTypeOfTheMessagesIsAnErrorThatNamesBoth() throws IOException {
        byte[] text = encode(KryoCodec.of(Object.class), "text");

        assertThatThrownBy(() -> decode(KryoCodec.of(Animal.class), text))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("java.lang.String")
                .hasMessageContaining("KryoCodecTest$Animal");
        assertThatThrownBy(() -> decode(KryoCodec.of(Animal.class), new byte[] {0}))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("null");
    }

    @Test
    void aSerializerOfTheUsersIsUsedWhereverTheClassOccurs() throws IOException {
        Codec<Bill> codec = KryoCodec.builder(Bill.class)
                .register(Money.class, MoneySerializer::new)
                .build();

        assertThat(roundTrip(codec, new Bill(new Money(5, "EUR")))).isEqualTo(new Bill(new Money(5, "EUR")));
        assertThat(new String(
                        encode(codec, new Bill(new Money(5, "EUR"))), java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("5 EU");
    }

    @Test
    void classesAreSentByNameOnlyIfThatIsAllowed() throws IOException {
        Codec<Object> codec =
                KryoCodec.builder(Object.class).allowUnregistered().build();

        assertThat(roundTrip(codec, new Zoo(List.of(new Cat("a", 9), new Dog("b")))))
                .isEqualTo(new Zoo(List.of(new Cat("a", 9), new Dog("b"))));
        assertThatThrownBy(() -> decode(codec, new byte[] {1, 0, 'n', 'o', (byte) ('x' | 0x80)}))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("nox");
    }

    @Test
    void aMistakeInTheConfigurationShowsWhenTheCodecIsBuilt() {
        assertThatThrownBy(() -> KryoCodec.builder(Object.class)
                        .configure(kryo -> kryo.setMaxDepth(0))
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KryoCodec.builder(Object.class).maxDepth(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
        assertThatThrownBy(() -> KryoCodec.of(int.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("int");
    }

    // ---------------------------------------------------------------- references

    @Test
    void withReferencesAGraphArrivesAsTheSameGraph() throws IOException {
        Codec<Person> codec = KryoCodec.builder(Person.class).references(true).build();
        Person anna = new Person("Anna");
        anna.partner = new Person("Bert");
        anna.partner.partner = anna;
        anna.children.add(new Person("Clara"));
        anna.partner.children.addAll(anna.children);

        Person arrived = roundTrip(codec, anna);

        assertThat(arrived.partner).isNotNull();
        assertThat(arrived.partner.partner).isSameAs(arrived);
        assertThat(arrived.partner.children.iterator().next())
                .isSameAs(arrived.children.iterator().next());
    }

    @Test
    void withoutReferencesASharedObjectArrivesTwiceAndACycleIsAnError() throws IOException {
        Codec<Person> codec = KryoCodec.of(Person.class);
        Person anna = new Person("Anna");
        Person child = new Person("Clara");
        anna.partner = new Person("Bert");
        anna.children.add(child);
        anna.partner.children.add(child);

        Person arrived = roundTrip(codec, anna);
        assertThat(arrived.children.iterator().next())
                .isNotSameAs(arrived.partner.children.iterator().next());

        anna.partner.partner = anna;
        assertThatThrownBy(() -> encode(codec, anna))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("references");
        anna.partner.partner = null;
        assertThat(roundTrip(codec, anna).name).isEqualTo("Anna");
    }

    @Test
    void aCycleThroughARecordIsAnErrorAndNotANull() throws IOException {
        Codec<Zoo> codec = KryoCodec.builder(Zoo.class).references(true).build();
        List<Object> animals = new ArrayList<>();
        @SuppressWarnings({"unchecked", "rawtypes"})
        Zoo zoo = new Zoo((List) animals);
        animals.add(zoo);
        byte[] bytes = encode(codec, zoo);

        assertThatThrownBy(() -> decode(codec, bytes))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("a cycle cannot go through a record");
    }

    @Test
    void aMessageNeverRefersToTheOneBefore() throws IOException {
        Codec<Object> codec = KryoCodec.builder(Object.class).references(true).build();
        byte[] list = encode(codec, new ArrayList<>(List.of("secret")));
        decode(codec, list);
        for (int id = 0; id < 5; id++) {
            byte[] reference = {list[0], (byte) (id + 2)};
            assertThatThrownBy(() -> decode(codec, reference)).isInstanceOf(CodecException.class);
        }
        for (int length = 0; length < list.length; length++) {
            byte[] cut = Arrays.copyOf(list, length);
            assertThatThrownBy(() -> decode(codec, cut)).isInstanceOf(CodecException.class);
            assertThatThrownBy(() -> decode(codec, new byte[] {list[0], 2})).isInstanceOf(CodecException.class);
        }
        assertThat(decode(codec, list)).isEqualTo(List.of("secret"));
    }

    // ---------------------------------------------------------------- failures

    @Test
    void bytesThatAreLeftOverAreAnError() throws IOException {
        Codec<Object> codec = KryoCodec.of(Object.class);
        byte[] valid = encode(codec, "text");

        assertThatThrownBy(() -> decode(codec, Arrays.copyOf(valid, valid.length + 1)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("left over: 1 of");
        assertThatThrownBy(() -> decode(codec, new byte[0])).isInstanceOf(CodecException.class);
    }

    @Test
    void whatAConstructorSaysIsWhatTheErrorSays() throws IOException {
        byte[] bytes = encode(KryoCodec.of(Negative.class), new Negative(-5));

        assertThatThrownBy(() -> decode(KryoCodec.of(Positive.class), bytes))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("number must be positive but was -5")
                .hasRootCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMessageThatCannotBeReadOrWrittenCostsNoOther() throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        try (MessageConnection<Zoo, Zoo> server =
                        MessageConnection.of(pair.server(), KryoCodec.of(Zoo.class, Cat.class));
                MessageConnection<Object, Object> client =
                        MessageConnection.of(pair.client(), KryoCodec.of(Object.class, Zoo.class, Cat.class))) {
            client.send("no zoo");
            client.send(3);
            assertThatThrownBy(() -> client.send(new Dog("a"))).isInstanceOf(CodecException.class);
            pair.client().write(ByteBuffer.wrap(new byte[] {2, 66, 100}));
            pair.client().write(ByteBuffer.wrap(encodeFramed(new Zoo(List.of()))));
            client.closeOutput();

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(server::receive).isInstanceOf(CodecException.class);
            }
            assertThat(server.receive()).isEqualTo(new Zoo(List.of()));
            assertThat(server.receive()).isNull();
        }
    }

    private static byte[] encodeFramed(Zoo zoo) throws IOException {
        byte[] message = encode(KryoCodec.of(Zoo.class, Cat.class), zoo);
        byte[] framed = new byte[message.length + 1];
        framed[0] = (byte) message.length;
        System.arraycopy(message, 0, framed, 1, message.length);
        return framed;
    }

    @Test
    void aChainIsSentAsFarAsTheDepthAllows() throws IOException {
        Point chain = null;
        for (int i = 0; i < 600; i++) {
            chain = new Point(i, i, "n", chain, List.of());
        }
        Point tooDeep = chain;

        assertThatThrownBy(() -> encode(KryoCodec.of(Point.class), tooDeep))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("deeper than 500")
                .hasMessageContaining("maxDepth");
        int length = 0;
        Codec<Point> deeper = KryoCodec.builder(Point.class).maxDepth(2000).build();
        for (Point point = roundTrip(deeper, tooDeep); point != null; point = point.next()) {
            length++;
        }
        assertThat(length).isEqualTo(600);
    }

    // ---------------------------------------------------------------- size

    @ParameterizedTest
    @ValueSource(ints = {5, 40, 100, 511, 512, 513, 3000})
    void theLargestMessagePassesAndNoneThatIsLarger(int maximum) throws IOException {
        KryoCodec<Object> unlimited = KryoCodec.of(Object.class);
        KryoCodec<Object> codec = unlimited.withMaxMessageBytes(maximum);
        for (Object unit : new Object[] {new byte[0], "x", "ü", List.of(1)}) {
            Object largest = null;
            for (int count = 0; count <= maximum; count++) {
                Object message = repeat(unit, count);
                int length = encode(unlimited, message).length;
                if (length <= maximum) {
                    largest = message;
                    continue;
                }
                assertThatThrownBy(() -> encode(codec, message))
                        .isInstanceOfSatisfying(
                                MessageTooLargeException.class,
                                e -> assertThat(e.maxMessageBytes()).isEqualTo(maximum));
                break;
            }
            assertThat(roundTrip(codec, largest)).isEqualTo(largest);
        }
    }

    private static Object repeat(Object unit, int count) {
        if (unit instanceof byte[]) {
            return new byte[count];
        }
        return unit instanceof String text
                ? text.repeat(count)
                : new ArrayList<>(java.util.Collections.nCopies(count, 1));
    }

    @Test
    void aMessageThatIsTooLargeIsNeitherSentNorReceived() throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        KryoCodec<Object> codec = KryoCodec.of(Object.class);
        try (MessageConnection<Object, Object> client = MessageConnection.of(pair.client(), codec);
                MessageConnection<Object, Object> server =
                        MessageConnection.of(pair.server(), codec.withMaxMessageBytes(1000))) {
            client.send(new byte[997]);
            client.send(new byte[998]);
            client.send(new byte[999]);
            assertThatThrownBy(() -> server.send(new byte[998])).isInstanceOf(MessageTooLargeException.class);
            server.send(new byte[997]);

            assertThat(server.receive()).isEqualTo(new byte[997]);
            assertThatThrownBy(server::receive).isInstanceOf(MessageTooLargeException.class);
            assertThatThrownBy(server::receive).isInstanceOf(MessageTooLargeException.class);
            assertThat(client.receive()).isEqualTo(new byte[997]);
        }
    }

    // ---------------------------------------------------------------- threads

    @Test
    void oneCodecServesManyThreads() throws InterruptedException, ExecutionException, TimeoutException {
        for (boolean references : new boolean[] {false, true}) {
            KryoCodec<Object> codec = KryoCodec.builder(Object.class)
                    .register(Point.class)
                    .references(references)
                    .build();
            int threads = 50;
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                List<CompletableFuture<Void>> done = new ArrayList<>();
                for (int thread = 0; thread < threads; thread++) {
                    int number = thread;
                    done.add(CompletableFuture.runAsync(() -> useOften(codec, number), executor));
                }
                CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
            } finally {
                executor.shutdownNow();
            }
        }
    }

    private static void useOften(KryoCodec<Object> codec, int number) {
        try {
            for (int i = 0; i < 200; i++) {
                Point point = new Point(number, i, "ü".repeat(i), null, List.of(number, i));
                Object message = Arrays.asList(point, Optional.of(point), "x".repeat(number), null);
                assertThat(roundTrip(codec, message)).isEqualTo(message);
                if (i % 10 == 0) {
                    assertThatThrownBy(() -> encode(codec, new Stranger())).isInstanceOf(CodecException.class);
                    assertThatThrownBy(() -> decode(codec, new byte[] {21, 100, 66, 1}))
                            .isInstanceOf(CodecException.class);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void itsNameSaysWhatItIsFor() {
        assertThat(KryoCodec.of(Zoo.class)).hasToString("KryoCodec[io.h2conn.codec.KryoCodecTest$Zoo]");
    }
}
