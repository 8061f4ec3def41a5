package io.h2conn.examples.codecs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Broadcast;
import io.h2conn.codec.Codec;
import io.h2conn.codec.Codecs;
import io.h2conn.codec.Framing;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.KryoCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.codec.MessageOutput;
import io.h2conn.codec.Transformation;
import io.h2conn.codec.WhenFull;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORMapper;

/** The code about codecs in the documents. */
@Timeout(30)
class CodecsTest {
    record Order(int number, String article) {}

    record Receipt(int number) {}

    record Quote(String symbol, double price) {}

    private final DuplexConnection.Pair pair = DuplexConnection.pair();

    @AfterEach
    void end() {
        pair.client().abort();
    }

    private <T> void assertArrives(T message, Codec<T> codec) throws IOException {
        DuplexConnection.Pair fresh = DuplexConnection.pair();
        MessageConnection.of(fresh.client(), codec).send(message);
        assertThat(MessageConnection.of(fresh.server(), codec).receive()).isEqualTo(message);
        fresh.client().abort();
    }

    // region json
    static void shop(DuplexConnection connection) throws IOException {
        MessageConnection<Order, Receipt> orders =
                MessageConnection.of(connection, JsonCodec.of(Order.class), JsonCodec.of(Receipt.class));
        for (Order order : orders) {
            orders.send(new Receipt(order.number()));
        }
    }
    // endregion

    @Test
    void anOrderIsAnsweredByItsReceipt() throws Exception {
        MessageConnection<Receipt, Order> customer =
                MessageConnection.of(pair.client(), JsonCodec.of(Receipt.class), JsonCodec.of(Order.class));
        customer.sendAll(List.of(new Order(1, "pen"), new Order(2, "ink")));
        customer.closeOutput();

        shop(pair.server());

        assertThat(customer.receive()).isEqualTo(new Receipt(1));
        assertThat(customer.receive()).isEqualTo(new Receipt(2));
    }

    private static void process(Order order, List<Order> processed) {
        processed.add(order);
    }

    @Test
    void messagesAreReceivedInManyWays() throws Exception {
        MessageConnection<Order, Order> sender = MessageConnection.of(pair.client(), JsonCodec.of(Order.class));
        for (int i = 0; i < 5; i++) {
            sender.send(new Order(i, "pen"));
        }
        sender.closeOutput();
        MessageConnection<Order, Order> orders = MessageConnection.of(pair.server(), JsonCodec.of(Order.class));
        List<Order> processed = new ArrayList<>();

        // region receive
        Order first = orders.receive(); // blocks; null at the end
        CompletableFuture<Order> second = orders.receiveAsync(); // holds no thread
        Order third = orders.iterator().next(); // for (Order order : orders) ...
        CompletableFuture<Void> rest = orders.listen(order -> {
            process(order, processed);
            return null; // or a stage: the next message comes, and the window opens, when it completes
        });
        // also orders.stream(), and orders.publisher() for java.util.concurrent.Flow
        // endregion

        assertThat(first).isEqualTo(new Order(0, "pen"));
        assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(new Order(1, "pen"));
        assertThat(third).isEqualTo(new Order(2, "pen"));
        rest.get(10, TimeUnit.SECONDS);
        assertThat(processed).containsExactly(new Order(3, "pen"), new Order(4, "pen"));
    }

    @Test
    void anyTypeOfJacksonsWillDo() throws IOException {
        // region generics
        Codec<List<Order>> lists = JsonCodec.of(new TypeReference<List<Order>>() {});
        Codec<JsonNode> anything = JsonCodec.of(JsonNode.class);
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        Codec<Order> strict = JsonCodec.of(Order.class, mapper).withMaxMessageBytes(64 * 1024);
        // endregion

        assertArrives(List.of(new Order(1, "pen")), lists);
        assertArrives(mapper.readTree("{\"a\":[1,null]}"), anything);
        assertArrives(new Order(1, "pen"), strict);
    }

    @Test
    void otherFormatsOfJacksonsAreFramedByTheirLength() throws IOException {
        // region cbor
        Codec<Order> orders = JsonCodec.of(Order.class, new CBORMapper());
        // endregion

        assertArrives(new Order(1, "pen"), orders);
    }

    @Test
    void kryoSendsObjects() throws IOException {
        // region kryo
        Codec<Order> orders = KryoCodec.of(Order.class);
        // endregion

        assertArrives(new Order(1, "pen"), orders);
    }

    @Test
    void bytesAndTextAreMessagesAsWell() throws IOException {
        // region bytes
        Codec<byte[]> bytes = Codecs.bytes(); // each after its length
        Codec<ByteBuffer> samples = Codecs.fixedBuffers(16); // exactly 16 bytes each
        Codec<String> lines = Codecs.lines();
        // endregion

        assertArrives(new byte[] {1, 2, 3}, bytes);
        assertArrives(ByteBuffer.allocate(16), samples);
        assertArrives("ein Satz, kein Ende", lines);
    }

    // region custom
    record Point(double x, double y) {}

    static final class PointCodec implements Codec<Point> {
        @Override
        public void encode(Point point, MessageOutput output) throws IOException {
            output.writeDouble(point.x());
            output.writeDouble(point.y());
        }

        @Override
        public Point decode(ByteBuffer message) {
            return new Point(message.getDouble(), message.getDouble());
        }
    }
    // endregion

    // region framing
    /** A message between the control characters STX and ETX, which it must not contain. */
    enum ControlFraming implements Framing {
        INSTANCE;

        @Override
        public int maxHeaderBytes() {
            return 1;
        }

        @Override
        public int maxTrailerBytes() {
            return 1;
        }

        @Override
        public void frame(MessageOutput message) {
            message.prepend(2);
            message.append(3);
        }

        @Override
        public Scanner scanner(int maxMessageBytes) {
            return new Scanner() {
                @Override
                public boolean begin(ByteBuffer input) throws IOException {
                    if (!input.hasRemaining()) {
                        return false;
                    }
                    if (input.get() != 2) {
                        throw new IOException("a message must begin with STX");
                    }
                    return true;
                }

                @Override
                public boolean end(ByteBuffer input) {
                    while (input.hasRemaining()) {
                        if (input.get() == 3) {
                            return true;
                        }
                    }
                    return false;
                }

                @Override
                public int trailerBytes() {
                    return 1;
                }
            };
        }
    }
    // endregion

    private static final class TextCodec implements Codec<String> {
        @Override
        public void encode(String text, MessageOutput output) throws IOException {
            output.write(text.getBytes(UTF_8));
        }

        @Override
        public String decode(ByteBuffer message) {
            return UTF_8.decode(message).toString();
        }

        @Override
        public Framing framing() {
            return ControlFraming.INSTANCE;
        }
    }

    @Test
    void aCodecAndAFramingOfOnesOwnWork() throws IOException {
        assertArrives(new Point(1.5, -2), new PointCodec());
        assertArrives("between two marks", new TextCodec());
    }

    @Test
    void compressionGoesAroundAnyCodec() throws IOException {
        // region deflate
        Codec<Order> compressed = JsonCodec.of(Order.class).through(Transformation.deflate());
        // endregion

        assertArrives(new Order(1, "pen"), compressed);
    }

    @Test
    void oneMessageGoesToMany() throws Exception {
        Codec<Quote> codec = JsonCodec.of(Quote.class);
        MessageConnection<Quote, Quote> connection = MessageConnection.of(pair.server(), codec);

        // region broadcast
        Broadcast<Quote> quotes = Broadcast.builder(codec)
                .whenFull(WhenFull.DROP_OLDEST) // for a receiver that is too slow
                .coalesceBy(Quote::symbol) // of each symbol only the newest waits
                .build();
        quotes.add(connection); // one of many; until its connection ends
        quotes.send(new Quote("H2", 98.5)); // encoded once, and blocks nobody
        // endregion

        assertThat(MessageConnection.of(pair.client(), codec).receive()).isEqualTo(new Quote("H2", 98.5));
    }
}
