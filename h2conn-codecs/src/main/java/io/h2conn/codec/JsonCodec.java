package io.h2conn.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages as JSON, by Jackson: one value and a line feed for each. What comes in may be separated by any white space or by
 * none, and pretty-printed, so that both directions understand what Go's {@code json.Encoder} and {@code json.Decoder} do,
 * and newline-delimited JSON. A blank line means nothing and can keep a connection alive.
 *
 * <pre>{@code
 * Codec<Order> orders = JsonCodec.of(Order.class);
 * Codec<List<Order>> lists = JsonCodec.of(new TypeReference<List<Order>>() {});
 * Codec<JsonNode> anything = JsonCodec.of(JsonNode.class);
 * }</pre>
 *
 * <p>With a mapper of another format of Jackson's, such as CBOR or Smile, messages are in that format, each after its
 * length in 4 bytes, big-endian, since the end of a binary value cannot be found without parsing it. Nothing may follow
 * the value within that length.
 *
 * <p>A mapper is used as it is configured. One that reads more than standard JSON does so within a value only: the ends of
 * values are found by the rules of JSON, in which a comment or a string in single quotes must have no bracket and no
 * quote. JSON's {@code null} is a message for types that have something to stand for it, such as {@code JsonNode}, and
 * otherwise a {@link CodecException}.
 *
 * <p><b>Limits</b> are Jackson's {@link StreamReadConstraints} and {@code StreamWriteConstraints} of the mapper, beside the
 * maximum: by default 500 levels of nesting, in both directions, 1,000 digits in a number, 50,000 characters in a name. The
 * default limit of a string, 100 million characters, gives way to a larger maximum; one that the mapper sets does not.
 *
 * @param <T> the type of the messages
 */
public final class JsonCodec<T> implements Codec<T> {
    private static final byte[] NOTHING = {};
    private static final OutputStream NOWHERE = OutputStream.nullOutputStream();

    private final ObjectMapper mapper;
    private final JavaType type;
    private final int maxMessageBytes;
    private final Framing framing;
    private final ObjectReader reader;
    private final ObjectWriter writer;
    /** Makes parsers in place of the mapper's own factory, which would refuse strings that the maximum allows. */
    private final @Nullable TokenStreamFactory roomier;
    /**
     * Whether the reader can do it alone. Not for a format with a mark for the end of its content, such as Smile: the
     * reader does not look beyond that.
     */
    private final boolean isRead;

    private JsonCodec(ObjectMapper mapper, JavaType type, int maxMessageBytes) {
        this.mapper = mapper;
        this.type = type;
        this.maxMessageBytes = ResizedCodec.checked(maxMessageBytes);
        boolean isText = mapper.tokenStreamFactory() instanceof JsonFactory;
        framing = isText ? Framing.json() : Framing.lengthPrefixed();
        reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        writer = mapper.writerFor(type);
        roomier = roomier(mapper.tokenStreamFactory(), maxMessageBytes);
        isRead = isText && roomier == null;
    }

    private static @Nullable TokenStreamFactory roomier(TokenStreamFactory factory, int maxMessageBytes) {
        StreamReadConstraints limits = factory.streamReadConstraints();
        int largestString = limits.getMaxStringLength();
        boolean isDefault = largestString == StreamReadConstraints.defaults().getMaxStringLength();
        if (!isDefault || largestString >= maxMessageBytes) {
            return null;
        }
        return factory.rebuild()
                .streamReadConstraints(
                        limits.rebuild().maxStringLength(maxMessageBytes).build())
                .build();
    }

    /**
     * Messages of one class, with Jackson's default mapping.
     *
     * @param <T> the type of the messages
     * @param type the same
     * @return the codec
     */
    public static <T> JsonCodec<T> of(Class<T> type) {
        return of(type, JsonMapper.shared());
    }

    /**
     * Messages of a generic type, with Jackson's default mapping.
     *
     * @param <T> the type of the messages
     * @param type the same
     * @return the codec
     */
    public static <T> JsonCodec<T> of(TypeReference<T> type) {
        return of(type, JsonMapper.shared());
    }

    /**
     * Messages of one class, with the user's own mapping.
     *
     * @param <T> the type of the messages
     * @param type the same
     * @param mapper how objects and values correspond, and in which of Jackson's formats
     * @return the codec
     */
    public static <T> JsonCodec<T> of(Class<T> type, ObjectMapper mapper) {
        return new JsonCodec<>(mapper, mapper.constructType(type), DEFAULT_MAX_MESSAGE_BYTES);
    }

    /**
     * Messages of a generic type, with the user's own mapping.
     *
     * @param <T> the type of the messages
     * @param type the same
     * @param mapper how objects and values correspond, and in which of Jackson's formats
     * @return the codec
     */
    public static <T> JsonCodec<T> of(TypeReference<T> type, ObjectMapper mapper) {
        return new JsonCodec<>(mapper, mapper.constructType(type), DEFAULT_MAX_MESSAGE_BYTES);
    }

    /**
     * Messages of a type that is put together at run time, with the user's own mapping.
     *
     * @param <T> the type of the messages, which nothing checks
     * @param type the same
     * @param mapper how objects and values correspond, and in which of Jackson's formats
     * @return the codec
     */
    public static <T> JsonCodec<T> of(JavaType type, ObjectMapper mapper) {
        return new JsonCodec<>(mapper, type, DEFAULT_MAX_MESSAGE_BYTES);
    }

    @Override
    public void encode(T message, MessageOutput output) throws IOException {
        try {
            writer.writeValue((OutputStream) output, message);
        } catch (JacksonException e) {
            throw reported(e);
        }
    }

    /** Jackson wraps what the output throws, once for each level of nesting that it passes. */
    private static CodecException reported(JacksonException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof MessageTooLargeException tooLarge) {
                return tooLarge;
            }
        }
        return new CodecException(e.getOriginalMessage(), e);
    }

    @Override
    public T decode(ByteBuffer message) throws IOException {
        byte[] bytes = message.array();
        int from = message.arrayOffset() + message.position();
        int length = message.remaining();
        try {
            return isRead ? reader.readValue(bytes, from, length) : parse(bytes, from, length);
        } catch (JacksonException e) {
            throw new CodecException(e.getOriginalMessage(), e);
        }
    }

    private T parse(byte[] bytes, int from, int length) throws CodecException {
        try (JsonParser parser = parser(bytes, from, length)) {
            T value = reader.readValue(parser);
            if (parser.releaseBuffered(NOWHERE) > 0) {
                throw new CodecException("more bytes follow the end of its content", null);
            }
            return value;
        }
    }

    private JsonParser parser(byte[] bytes, int from, int length) {
        TokenStreamFactory factory = roomier;
        if (factory == null) {
            return reader.createParser(bytes, from, length);
        }
        // What the mapper has configured reaches a parser by its context, which only another parser can show.
        try (JsonParser own = reader.createParser(NOTHING)) {
            return factory.createParser(own.objectReadContext(), bytes, from, length);
        }
    }

    @Override
    public Framing framing() {
        return framing;
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public JsonCodec<T> withMaxMessageBytes(int bytes) {
        return new JsonCodec<>(mapper, type, bytes);
    }

    @Override
    public String toString() {
        return "JsonCodec[" + type.toCanonical() + "]";
    }
}
