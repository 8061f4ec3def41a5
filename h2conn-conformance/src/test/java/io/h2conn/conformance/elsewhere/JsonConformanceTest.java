package io.h2conn.conformance.elsewhere;

import io.h2conn.codec.Codec;
import io.h2conn.codec.JsonCodec;
import io.h2conn.conformance.CodecConformance;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The suite for JSON: a type of one's own, and any value. */
class JsonConformanceTest {
    record Order(long id, Customer customer, List<Item> items, boolean urgent) {}

    record Customer(String name, String city) {}

    record Item(String article, int count, double price) {}

    /** A bean that fails to be read, as a lazily loaded one may. */
    record Unreadable(String name) {
        @Override
        public String name() {
            throw new IllegalStateException("no name");
        }
    }

    @Nested
    class OfRecords extends CodecConformance<Order> {
        @Override
        protected Codec<Order> codec() {
            return JsonCodec.of(Order.class);
        }

        @Override
        protected Order message(RandomGenerator random) {
            return order(random);
        }
    }

    @Nested
    class OfAnyValue extends CodecConformance<JsonNode> {
        @Override
        protected Codec<JsonNode> codec() {
            return JsonCodec.of(JsonNode.class);
        }

        @Override
        protected JsonNode message(RandomGenerator random) {
            return node(random, 3);
        }

        @Override
        protected boolean endIsDetectable() {
            return false; // 12 may be the beginning of 123
        }
    }

    @Nested
    class OfObjects extends CodecConformance<Object> {
        @Override
        protected Codec<Object> codec() {
            return JsonCodec.of(Object.class);
        }

        @Override
        protected Object message(RandomGenerator random) {
            return text(random, 40);
        }

        @Override
        protected Object unencodable() {
            return new Unreadable("Ada");
        }
    }

    private static Order order(RandomGenerator random) {
        return new Order(
                random.nextLong(),
                new Customer(text(random, 20), text(random, 20)),
                Stream.generate(() -> new Item(text(random, 10), random.nextInt(), random.nextDouble()))
                        .limit(random.nextInt(6))
                        .toList(),
                random.nextBoolean());
    }

    private static JsonNode node(RandomGenerator random, int depth) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0 -> nodes.numberNode(random.nextLong());
            case 1 -> nodes.numberNode(random.nextDouble());
            case 2 -> nodes.stringNode(text(random, 30));
            case 3 -> {
                ArrayNode array = nodes.arrayNode().add(random.nextLong());
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(node(random, depth - 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = nodes.objectNode().put("id", random.nextLong());
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.set(text(random, 8), node(random, depth - 1));
                }
                yield object.putNull("nothing").put("yes", true);
            }
        };
    }

    /** What is hard to find the end of: quotes, backslashes, brackets, controls, and characters of 1 to 4 bytes. */
    private static String text(RandomGenerator random, int maxLength) {
        int[] alphabet = "abcABC 019\"\\{}[]:,\n\r\t\0\u00e9\u20ac\ud83d\ude00"
                .codePoints()
                .toArray();
        StringBuilder text = new StringBuilder().append(random.nextInt());
        for (int i = random.nextInt(maxLength); i > 0; i--) {
            text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
        }
        return text.toString();
    }
}
