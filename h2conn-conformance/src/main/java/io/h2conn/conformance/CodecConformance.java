package io.h2conn.conformance;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codec;
import io.h2conn.codec.MessageOutput;
import java.io.IOException;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What every codec must do on a message connection, a test a sentence: a user's own codec as well as the library's.
 *
 * <pre>{@code
 * class PointCodecTest extends CodecConformance<Point> {
 *     @Override
 *     protected Codec<Point> codec() {
 *         return new PointCodec();
 *     }
 *
 *     @Override
 *     protected Point message(RandomGenerator random) {
 *         return new Point(random.nextDouble(), random.nextDouble());
 *     }
 *
 *     @Override
 *     protected boolean hasFixedSize() {
 *         return true;
 *     }
 * }
 * }</pre>
 *
 * <p>The messages are random, and different in every run. A test that fails says how to repeat it: {@code -Dh2conn.seed=}
 * and a number. For a codec whose framing marks no boundaries there is {@link ChunkConformance}.
 *
 * @param <T> the type of the messages
 */
public abstract class CodecConformance<T> extends ConnectionConformance
        implements CodecRoundTripContract<T>,
                CodecCutContract<T>,
                CodecFacesContract<T>,
                CodecSendersContract<T>,
                CodecSizeContract<T>,
                CodecErrorContract<T> {
    @RegisterExtension
    final CodecBenchExtension bench = new CodecBenchExtension();

    /** For subclasses. */
    protected CodecConformance() {}

    /**
     * The codec under test.
     *
     * @return may be the same each time
     */
    protected abstract Codec<T> codec();

    /**
     * Makes a message.
     *
     * @param random what the message must depend on, and nothing else
     * @return seldom the same message twice, and well below the codec's maximum: 4 KiB at most
     */
    protected abstract T message(RandomGenerator random);

    /**
     * Whether a message that was received is the one that was sent.
     *
     * @param sent what was sent
     * @param received what was received
     * @return as {@link Objects#deepEquals} unless overridden
     */
    protected boolean isSame(T sent, T received) {
        return Objects.deepEquals(sent, received);
    }

    /**
     * How much of the codec's {@link Codec#maxMessageBytes()} a message takes.
     *
     * @param message one of this suite's messages
     * @return bytes; what the codec writes unless overridden, as for a codec that limits what it has before it compresses it
     * @throws IOException if the message cannot be encoded
     */
    protected int sizeOf(T message) throws IOException {
        MessageOutput output = new MessageOutput(codec().maxMessageBytes());
        codec().encode(message, output);
        return output.length();
    }

    /**
     * Whether all messages have the same size, so that none fits where another does not.
     *
     * @return {@code false} unless overridden
     */
    protected boolean hasFixedSize() {
        return false;
    }

    /**
     * Whether a message that was cut off by the end of the input can be told from a whole one. Not so for lines, the last
     * of which needs no line feed, and for JSON if numbers are messages.
     *
     * @return {@code true} unless overridden
     */
    protected boolean endIsDetectable() {
        return true;
    }

    /**
     * A message that the codec cannot encode.
     *
     * @return {@code null} unless overridden: there is none, and the test of it is skipped
     */
    protected @Nullable T unencodable() {
        return null;
    }

    /**
     * Starts the transport beneath the messages, with windows of 64 KiB or more.
     *
     * @return pairs in memory unless overridden
     */
    @Override
    protected ConnectionSupplier start() throws Exception {
        return options -> DuplexConnection.pair(64 * 1024, options);
    }
}
