package io.h2conn.codec;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages as JSON: one value and a line feed for each. What comes in may be separated by any white space or by none, and
 * pretty-printed, so that both directions understand what Go's {@code json.Encoder} and {@code json.Decoder} do, and
 * newline-delimited JSON. A blank line means nothing and can keep a connection alive.
 *
 * <pre>{@code
 * MessageConnection<Reply, Question> connection = Json.connect(client.connect(uri), Reply.class, Question.class);
 * }</pre>
 */
public final class Json {
    private static final byte[] LINE_FEED = {'\n'};

    private Json() {}

    /**
     * Puts JSON messages on a connection, with Jackson's default mapping and the default maximum size.
     *
     * @param <I> what comes in
     * @param <O> what goes out
     * @param connection the connection; its input belongs to the result from now on
     * @param receives the type of the messages that come in
     * @param sends the type of the messages that go out
     * @return the message connection
     */
    public static <I, O> MessageConnection<I, O> connect(
            DuplexConnection connection, Class<I> receives, Class<O> sends) {
        return connect(connection, receives, sends, JsonMapper.shared(), MessageConnection.DEFAULT_MAX_MESSAGE_BYTES);
    }

    /**
     * Puts JSON messages on a connection, with a mapping and a maximum size of the caller's own.
     *
     * @param <I> what comes in
     * @param <O> what goes out
     * @param connection the connection; its input belongs to the result from now on
     * @param receives the type of the messages that come in
     * @param sends the type of the messages that go out
     * @param mapper how Java objects and JSON correspond
     * @param maxMessageBytes the largest message in either direction, at least 1
     * @return the message connection
     * @throws IllegalArgumentException if {@code maxMessageBytes} is out of range
     */
    public static <I, O> MessageConnection<I, O> connect(
            DuplexConnection connection, Class<I> receives, Class<O> sends, JsonMapper mapper, int maxMessageBytes) {
        ObjectReader reader = mapper.readerFor(receives).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        ObjectWriter writer = mapper.writerFor(sends);
        return new MessageConnection<>(connection, new JsonFormat<>(reader, writer), maxMessageBytes);
    }

    private record JsonFormat<I, O>(ObjectReader reader, ObjectWriter writer)
            implements MessageConnection.Format<I, O> {
        @Override
        public Framing framing() {
            return new JsonFraming();
        }

        @Override
        public byte[] suffix() {
            return LINE_FEED;
        }

        @Override
        public void encode(O message, OutputStream output) throws IOException {
            try {
                writer.writeValue(output, message);
            } catch (JacksonIOException e) {
                throw e.getCause();
            } catch (JacksonException e) {
                throw new CodecException(
                        "a " + message.getClass().getName() + " cannot be encoded as JSON: " + e.getOriginalMessage(),
                        e);
            }
        }

        @Override
        public I decode(byte[] buffer, int from, int length) throws CodecException {
            I message;
            try {
                message = reader.readValue(buffer, from, length);
            } catch (JacksonException e) {
                throw new CodecException(e.getOriginalMessage(), e);
            }
            if (message == null) {
                // Java's null is how receive reports the end.
                throw new CodecException("JSON null is not a message", null);
            }
            return message;
        }
    }
}
