package io.h2conn.codec;

import static io.h2conn.codec.KryoFixture.decode;
import static io.h2conn.codec.KryoFixture.encode;
import static io.h2conn.codec.KryoFixture.roundTrip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.KryoFixture.Cat;
import io.h2conn.codec.KryoFixture.Dog;
import io.h2conn.codec.KryoFixture.Point;
import io.h2conn.codec.KryoFixture.Zoo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is on the wire, what it costs when it is wrong or too large, and that threads may share a codec. */
@Timeout(30)
class KryoCodecTest {
    static final class Stranger {}

    record Positive(int number) {
        Positive {
            if (number <= 0) {
                throw new IllegalArgumentException("number must be positive but was " + number);
            }
        }
    }

    record Negative(int number) {}

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
        return unit instanceof String text ? text.repeat(count) : new ArrayList<>(Collections.nCopies(count, 1));
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
        assertThat(KryoCodec.of(Zoo.class)).hasToString("KryoCodec[io.h2conn.codec.KryoFixture$Zoo]");
    }
}
