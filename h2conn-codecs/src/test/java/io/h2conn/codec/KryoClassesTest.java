package io.h2conn.codec;

import static io.h2conn.codec.KryoFixture.decode;
import static io.h2conn.codec.KryoFixture.encode;
import static io.h2conn.codec.KryoFixture.roundTrip;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.KryoFixture.Animal;
import io.h2conn.codec.KryoFixture.Cat;
import io.h2conn.codec.KryoFixture.Dog;
import io.h2conn.codec.KryoFixture.Zoo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which classes may be in a message, how they are told apart, and whether an object in it is one or two. */
@Timeout(30)
class KryoClassesTest {
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

    // ---------------------------------------------------------------- registration

    @Test
    void aClassThatIsNotRegisteredIsNamedWithTheLineThatRegistersIt() throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        try (MessageConnection<Zoo, Zoo> messages =
                MessageConnection.of(pair.client(), KryoCodec.of(Zoo.class, Cat.class))) {
            assertThatThrownBy(() -> messages.send(new Zoo(List.of(new Cat("a", 9), new Dog("b")))))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("KryoCodec[io.h2conn.codec.KryoFixture$Zoo]")
                    .hasMessageContaining(
                            "add .register(io.h2conn.codec.KryoFixture.Dog.class) to the codec's builder, on"
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
                .hasMessageContaining("KryoFixture$Animal");
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
        assertThat(new String(encode(codec, new Bill(new Money(5, "EUR"))), ISO_8859_1))
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
}
