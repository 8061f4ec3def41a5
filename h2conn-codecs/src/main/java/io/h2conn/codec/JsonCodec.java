package io.h2conn.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;
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
 * length in 4 bytes, since the end of a binary value cannot be found without parsing it.
 *
 * @param <T> the type of the messages
 */
public final class JsonCodec<T> implements Codec<T> {
    private final ObjectMapper mapper;
    private final JavaType type;
    private final int maxMessageBytes;
    private final Framing framing;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    private JsonCodec(ObjectMapper mapper, JavaType type, int maxMessageBytes) {
        this.mapper = mapper;
        this.type = type;
        this.maxMessageBytes = ResizedCodec.checked(maxMessageBytes);
        framing = mapper.tokenStreamFactory() instanceof JsonFactory ? Framing.json() : Framing.lengthPrefixed();
        reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        writer = mapper.writerFor(type);
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

    @Override
    public void encode(T message, MessageOutput output) throws IOException {
        try {
            writer.writeValue((OutputStream) output, message);
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            throw new CodecException(e.getOriginalMessage(), e);
        }
    }

    @Override
    public T decode(ByteBuffer message) throws IOException {
        try {
            return reader.readValue(message.array(), message.arrayOffset() + message.position(), message.remaining());
        } catch (JacksonException e) {
            throw new CodecException(e.getOriginalMessage(), e);
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
