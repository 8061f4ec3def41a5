package io.h2conn.conformance.elsewhere;

import io.h2conn.codec.Codec;
import io.h2conn.codec.CodecException;
import io.h2conn.codec.Framing;
import io.h2conn.codec.MessageOutput;
import io.h2conn.conformance.CodecConformance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

/** The suite for codecs as users write them, with framings of the library's and of their own. */
class OwnCodecConformanceTest {
    record Point(double x, double y) {
        static Point random(RandomGenerator random) {
            return new Point(random.nextDouble(), random.nextDouble());
        }
    }

    record Route(String name, List<Point> points) {
        static Route random(RandomGenerator random) {
            List<Point> points = Stream.generate(() -> Point.random(random))
                    .limit(random.nextInt(5))
                    .toList();
            return new Route(random.nextInt() + "\u00e9".repeat(random.nextInt(20)), points);
        }
    }

    private static class PointCodec implements Codec<Point> {
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

    private record RouteCodec(Framing framing) implements Codec<Route> {
        @Override
        public void encode(Route route, MessageOutput output) throws IOException {
            if (route.name().isEmpty()) {
                throw new CodecException("a route needs a name", null);
            }
            byte[] name = route.name().getBytes(StandardCharsets.UTF_8);
            output.writeShort(name.length);
            output.write(name);
            output.writeInt(route.points().size());
            for (Point point : route.points()) {
                output.writeDouble(point.x());
                output.writeDouble(point.y());
            }
        }

        @Override
        public Route decode(ByteBuffer message) throws IOException {
            int length = Short.toUnsignedInt(message.getShort());
            if (length > message.remaining()) {
                throw new CodecException("a name of " + length + " bytes", null);
            }
            byte[] name = new byte[length];
            message.get(name);
            List<Point> points = new ArrayList<>();
            for (int left = message.getInt(); left > 0; left--) {
                points.add(new Point(message.getDouble(), message.getDouble()));
            }
            return new Route(new String(name, StandardCharsets.UTF_8), points);
        }
    }

    /** Text between the control characters for start and end of text. */
    private static class MarkedTextCodec implements Codec<String> {
        @Override
        public void encode(String text, MessageOutput output) throws IOException {
            if (text.indexOf(MarkFraming.END) >= 0) {
                throw new CodecException("a text must not contain its end mark", null);
            }
            output.write(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String decode(ByteBuffer message) {
            return StandardCharsets.UTF_8.decode(message).toString();
        }

        @Override
        public Framing framing() {
            return new MarkFraming();
        }
    }

    abstract static class RouteConformance extends CodecConformance<Route> {
        private final RouteCodec codec;

        RouteConformance(Framing framing) {
            codec = new RouteCodec(framing);
        }

        @Override
        protected Codec<Route> codec() {
            return codec;
        }

        @Override
        protected Route message(RandomGenerator random) {
            return Route.random(random);
        }

        @Override
        protected Route unencodable() {
            return new Route("", List.of());
        }
    }

    @Nested
    class Points extends CodecConformance<Point> {
        @Override
        protected Codec<Point> codec() {
            return new PointCodec();
        }

        @Override
        protected Point message(RandomGenerator random) {
            return Point.random(random);
        }

        @Override
        protected boolean hasFixedSize() {
            return true;
        }
    }

    @Nested
    class PointsWithoutLengths extends Points {
        @Override
        protected Codec<Point> codec() {
            return new PointCodec() {
                @Override
                public Framing framing() {
                    return Framing.fixed(2 * Double.BYTES);
                }
            };
        }
    }

    @Nested
    class LengthPrefixedRoutes extends RouteConformance {
        LengthPrefixedRoutes() {
            super(Framing.lengthPrefixed());
        }
    }

    @Nested
    class VarintPrefixedRoutes extends RouteConformance {
        VarintPrefixedRoutes() {
            super(Framing.varintPrefixed());
        }
    }

    @Nested
    class RoutesAsNetstrings extends RouteConformance {
        RoutesAsNetstrings() {
            super(new NetstringFraming());
        }
    }

    @Nested
    class MarkedTexts extends CodecConformance<String> {
        @Override
        protected Codec<String> codec() {
            return new MarkedTextCodec();
        }

        @Override
        protected String message(RandomGenerator random) {
            return random.nextInt() + "\u20ac".repeat(random.nextInt(30));
        }

        @Override
        protected String unencodable() {
            return "one" + MarkFraming.END + "two";
        }
    }

    /** Lines of text; the last one needs no line feed. */
    @Nested
    class Lines extends CodecConformance<String> {
        @Override
        protected Codec<String> codec() {
            return new MarkedTextCodec() {
                @Override
                public Framing framing() {
                    return Framing.lines();
                }
            };
        }

        @Override
        protected String message(RandomGenerator random) {
            return random.nextInt() + "\r\u20ac".repeat(random.nextInt(30));
        }

        @Override
        protected boolean endIsDetectable() {
            return false;
        }

        @Override
        protected String unencodable() {
            return "one\ntwo";
        }
    }
}
