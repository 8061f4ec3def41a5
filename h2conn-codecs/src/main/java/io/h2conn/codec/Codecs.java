package io.h2conn.codec;

import java.nio.ByteBuffer;

/**
 * The codecs of bytes and text: for messages that are no objects, and to build others from.
 *
 * <table class="striped">
 * <caption>What is on the wire for one message</caption>
 * <thead>
 * <tr><th scope="col">codec</th><th scope="col">bytes</th></tr>
 * </thead>
 * <tbody>
 * <tr><th scope="row">{@link #bytes()}, {@link #buffers()}</th>
 *     <td>4 bytes, the length of the message, big-endian and unsigned; then the message</td></tr>
 * <tr><th scope="row">{@link #lines()}</th><td>the text in UTF-8; then a line feed, {@code 0A}</td></tr>
 * <tr><th scope="row">{@link #fixedBytes fixedBytes(n)}, {@link #fixedBuffers fixedBuffers(n)}</th>
 *     <td>the {@code n} bytes of the message</td></tr>
 * <tr><th scope="row">{@link #chunks()}</th><td>the message</td></tr>
 * </tbody>
 * </table>
 *
 * <p>All of them are stateless, and serve any number of connections and threads. What they return shares no memory with
 * the connection; what they are given is copied before the send returns.
 */
public final class Codecs {
    private static final Codec<byte[]> BYTES = new ByteArrayCodec(
            RawShape.upTo("Codecs.bytes()", Framing.lengthPrefixed(), Codec.DEFAULT_MAX_MESSAGE_BYTES));
    private static final Codec<ByteBuffer> BUFFERS = new ByteBufferCodec(
            RawShape.upTo("Codecs.buffers()", Framing.lengthPrefixed(), Codec.DEFAULT_MAX_MESSAGE_BYTES));
    private static final Codec<ByteBuffer> CHUNKS =
            new ByteBufferCodec(RawShape.upTo("Codecs.chunks()", Framing.none(), Codec.DEFAULT_MAX_MESSAGE_BYTES));

    private Codecs() {}

    /**
     * Messages of any bytes, each after its length in 4 bytes, big-endian: {@code 00 00 00 02 68 69} is a message of the 2
     * bytes {@code 68 69}. A message may be empty.
     *
     * @return the codec
     */
    public static Codec<byte[]> bytes() {
        return BYTES;
    }

    /**
     * As {@link #bytes()}, and the same on the wire, in buffers of any kind. A message to send is what remains in the
     * buffer; its position and limit stay as they are, so that the same buffer can be sent again, or by several threads at
     * once. A message that was received is in a buffer of its own, from position 0 to its capacity, in an array, in
     * big-endian order.
     *
     * @return the codec
     */
    public static Codec<ByteBuffer> buffers() {
        return BUFFERS;
    }

    /**
     * Lines of text in UTF-8. One to send must not contain a line feed, nor end with a carriage return; a line feed is
     * added. One that was received ended with a line feed, or a carriage return and a line feed, or the end of the input,
     * which are not part of it.
     *
     * <p>Text is never changed: half of a surrogate pair cannot be sent, and a line of malformed UTF-8 is not received as
     * something else. Both are a {@link CodecException} that says where, and cost that line only.
     *
     * @return the codec
     */
    public static Codec<String> lines() {
        return LineCodec.INSTANCE;
    }

    /**
     * Messages of exactly so many bytes, with nothing in between. One of another size cannot be sent. An input that ends
     * inside a message is an {@link java.io.EOFException}, never a short message.
     *
     * <p>The maximum is the size; a smaller one, by {@link Codec#withMaxMessageBytes}, refuses them all.
     *
     * @param bytes the size of every message, from 1 to 1 GiB
     * @return the codec
     * @throws IllegalArgumentException if {@code bytes} is out of range
     */
    public static Codec<byte[]> fixedBytes(int bytes) {
        return new ByteArrayCodec(RawShape.exactly("Codecs.fixedBytes", bytes));
    }

    /**
     * As {@link #fixedBytes}, and the same on the wire, in buffers, which are treated as those of {@link #buffers()}.
     *
     * @param bytes the size of every message, from 1 to 1 GiB
     * @return the codec
     * @throws IllegalArgumentException if {@code bytes} is out of range
     */
    public static Codec<ByteBuffer> fixedBuffers(int bytes) {
        return new ByteBufferCodec(RawShape.exactly("Codecs.fixedBuffers", bytes));
    }

    /**
     * No messages at all, but a stream of bytes by the methods of a {@link MessageConnection}: what was sent in one piece
     * may be received in several, and the other way round. What is received is whatever has arrived, at least one byte and
     * at most the maximum. An empty buffer can be sent, and is nothing on the wire. Buffers are treated as those of
     * {@link #buffers()}.
     *
     * @return the codec
     */
    public static Codec<ByteBuffer> chunks() {
        return CHUNKS;
    }
}
