package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived and was not received yet: cuts the bytes into messages and decodes them. Not safe for several threads
 * at once.
 *
 * <p>Memory follows what has arrived, never what a peer announces: the buffer doubles as bytes come in, up to the largest
 * message.
 */
final class Inbox<I> {
    private static final byte[] NONE = {};
    /** Bytes. What a blocking receive first offers to a read; doubled whenever a read fills it. */
    private static final int FIRST_READ_BYTES = 2 * 1024;

    private static final int LARGEST_READ_BYTES = 64 * 1024;

    private static final int EXCERPT_BYTES = 60;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final Decoder<I> decoder;
    private final Framing.Scanner scanner;
    private final int maxMessageBytes;
    private final int maxTrailerBytes;
    /** No message within the limits needs more than this. */
    private final int largestBuffer;

    /** In it: start <= scanned <= end. What is before start is done with. */
    private byte[] buffer = NONE;

    private ByteBuffer view = ByteBuffer.wrap(NONE);
    private boolean pooled;
    private int start;
    private int scanned;
    private int end;
    /** Where in the input the byte at start is. */
    private long position;

    private int readBytes = FIRST_READ_BYTES;
    /** The size of recent messages, to know when a large buffer is no longer needed. */
    private int recentBytes;

    /** Whether the byte at start is the first of a message. */
    private boolean begun;
    /** The message that has begun is too large, was reported, and is being skipped. */
    private boolean skipping;

    private @Nullable CodecException broken;
    private @Nullable I returned;

    Inbox(Codec<I> codec) {
        this(codec.framing(), codec.maxMessageBytes(), new CodecDecoder<>(codec));
    }

    Inbox(Framing framing, int maxMessageBytes, Decoder<I> decoder) {
        this.decoder = decoder;
        this.maxMessageBytes = ResizedCodec.checked(maxMessageBytes);
        this.maxTrailerBytes = framing.maxTrailerBytes();
        this.scanner = framing.scanner(maxMessageBytes);
        // One byte more, to see that a message ends, or does not.
        this.largestBuffer = (int)
                Math.min(Integer.MAX_VALUE - 8, 1L + maxMessageBytes + framing.maxHeaderBytes() + maxTrailerBytes);
    }

    /** The half of a codec that an inbox needs. Its {@code toString} names it in errors. */
    @FunctionalInterface
    interface Decoder<I> {
        I decode(ByteBuffer message) throws IOException;
    }

    private record CodecDecoder<I>(Codec<I> codec) implements Decoder<I> {
        @Override
        public I decode(ByteBuffer message) throws IOException {
            return codec.decode(message);
        }

        @Override
        public String toString() {
            return codec.toString();
        }
    }

    // ---------------------------------------------------------------- messages

    /** Takes the next message; {@code null} if more bytes are needed. */
    @Nullable
    I next() throws IOException {
        if (returned != null) {
            I message = returned;
            returned = null;
            return message;
        }
        while (begun || begin()) {
            boolean complete = scan();
            if (!skipping) {
                return complete ? take(scanned - scanner.trailerBytes()) : throwIfTooLarge();
            }
            advance(scanned);
            if (!complete) {
                return null;
            }
            skipping = false;
            begun = false;
        }
        return null;
    }

    /** Takes the last message, now that the input has ended and {@link #next} has nothing; {@code null} if there is none. */
    @Nullable
    I last() throws IOException {
        if (!begun && start == end) {
            return null;
        }
        if (!begun || !scanner.endsHere(view(start, end))) {
            throw new EOFException("the peer ended its half inside the message that begins at byte " + position
                    + " of the input, after " + (end - start) + " bytes of it"
                    + (start == end ? "" : ": " + excerpt(start, end)));
        }
        if (skipping) {
            return null;
        }
        return take(end);
    }

    /** Takes back a message that nobody wanted: it is the next one again. */
    void giveBack(I message) {
        returned = message;
    }

    private boolean begin() throws CodecException {
        if (broken != null) {
            throw new CodecException(reason(broken), broken, broken.offset(), true);
        }
        ByteBuffer input = view(start, end);
        try {
            begun = scanner.begin(input);
        } catch (IOException | RuntimeException e) {
            broken = indivisible(reason(e), e);
            throw broken;
        }
        advance(input.position());
        if (begun && scanner.length() > maxMessageBytes) {
            skipping = true;
            throw tooLarge(scanner.length() + " bytes");
        }
        if (!begun && end - start >= largestBuffer) {
            broken = indivisible("no message begins in the first " + (end - start) + " bytes", null);
            throw broken;
        }
        return begun;
    }

    /** Looks at what is new of the message that has begun. Returns whether it is complete. */
    private boolean scan() throws CodecException {
        ByteBuffer input = view(scanned, end);
        try {
            boolean complete = scanner.end(input);
            scanned = input.position();
            return complete;
        } catch (RuntimeException e) {
            begun = false;
            broken = indivisible(reason(e), e);
            throw broken;
        }
    }

    private CodecException indivisible(String reason, @Nullable Throwable cause) {
        return new CodecException(
                "the input from byte " + position + " on cannot be divided into messages: " + reason
                        + "; nothing more can be received. There is " + excerpt(start, end),
                cause,
                position,
                true);
    }

    private @Nullable I throwIfTooLarge() throws MessageTooLargeException {
        if (scanned - start > (long) maxMessageBytes + maxTrailerBytes) {
            skipping = true;
            MessageTooLargeException tooLarge = tooLarge("more than that");
            advance(scanned);
            throw tooLarge;
        }
        return null;
    }

    private MessageTooLargeException tooLarge(String size) {
        return MessageTooLargeException.receiving(
                "the message that begins at byte " + position + " of the input is larger than the maximum of "
                        + maxMessageBytes + " bytes: it has " + size,
                position,
                maxMessageBytes);
    }

    private I take(int messageEnd) throws CodecException {
        int from = start;
        long offset = position;
        begun = false;
        if (messageEnd - from > maxMessageBytes) {
            MessageTooLargeException tooLarge = tooLarge((messageEnd - from) + " bytes");
            advance(Math.max(scanned, messageEnd));
            throw tooLarge;
        }
        // Passed over before it is decoded, so that a message that cannot be decoded is not found again.
        advance(Math.max(scanned, messageEnd));
        recentBytes = Math.max(messageEnd - from, recentBytes - (recentBytes >> 3));
        try {
            return decode(view(from, messageEnd));
        } catch (MessageTooLargeException e) {
            throw MessageTooLargeException.receiving(
                    "the message that begins at byte " + offset + " of the input decodes to more than the maximum of "
                            + e.maxMessageBytes() + " bytes",
                    offset,
                    e.maxMessageBytes());
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw new CodecException(
                    "the message that begins at byte " + offset + " of the input cannot be decoded by " + decoder + ": "
                            + reason(e) + "; its " + (messageEnd - from) + " bytes are " + excerpt(from, messageEnd),
                    e instanceof CodecException && e.getCause() != null ? e.getCause() : e,
                    offset);
        }
    }

    private I decode(ByteBuffer message) throws IOException {
        I decoded = decoder.decode(message);
        if (decoded == null) {
            // Java's null is how receive reports the end.
            throw new CodecException("it decodes to null, which is not a message", null);
        }
        return decoded;
    }

    private void advance(int index) {
        position += index - start;
        start = index;
        scanned = index;
    }

    static String reason(Throwable e) {
        if (e instanceof StackOverflowError) {
            return "it is nested too deeply";
        }
        String text = e.getMessage();
        return text == null ? e.getClass().getSimpleName() : text;
    }

    // ---------------------------------------------------------------- bytes

    /** Room for a read, at least one byte. What is put there has arrived once {@link #received} says so. */
    ByteBuffer room() {
        if (start == end) {
            empty();
            boolean wasteful = buffer.length > LARGEST_READ_BYTES && recentBytes < buffer.length / 4;
            if (buffer.length < readBytes || wasteful) {
                replace(new byte[readBytes]);
            }
        } else if (end == buffer.length) {
            makeRoom(1);
        }
        return view(end, buffer.length);
    }

    /** Notes how much of {@link #room} was filled. */
    void received(int bytes) {
        end += bytes;
        if (end == buffer.length && readBytes < LARGEST_READ_BYTES) {
            readBytes *= 2;
        }
    }

    /** Takes bytes in that are lent: copies them. */
    void copy(ByteBuffer data) {
        int count = data.remaining();
        if (start == end) {
            empty();
            if (buffer.length < count) {
                replace(BufferCache.take(count));
                pooled = true;
            }
        } else if (buffer.length - end < count) {
            makeRoom(count);
        }
        data.get(buffer, end, count);
        end += count;
    }

    /** Takes bytes in that nobody else uses. */
    void adopt(ByteBuffer data) {
        if (start == end && data.hasArray()) {
            giveBufferBack();
            buffer = data.array();
            view = ByteBuffer.wrap(buffer);
            start = data.arrayOffset() + data.position();
            scanned = start;
            end = data.arrayOffset() + data.limit();
        } else {
            copy(data);
        }
    }

    /** Nobody will take a message for a while: keeps no more memory than what is there needs. */
    void settle() {
        if (start == end) {
            replace(NONE);
            empty();
        } else if (pooled || buffer.length > 2L * (end - start)) {
            compactInto(new byte[end - start]);
        }
    }

    private void empty() {
        start = 0;
        scanned = 0;
        end = 0;
    }

    private void makeRoom(int count) {
        int kept = end - start;
        boolean halfFree = kept <= buffer.length / 2 && buffer.length - kept >= count;
        // Moving what is kept to make little room, again and again, would cost the square of its size.
        if (halfFree) {
            System.arraycopy(buffer, start, buffer, 0, kept);
            scanned -= start;
            start = 0;
            end = kept;
        } else {
            long doubled = Math.min(2L * Math.max(buffer.length, 256), Math.max(largestBuffer, buffer.length));
            compactInto(new byte[(int) Math.min(Integer.MAX_VALUE - 8, Math.max(doubled, (long) kept + count))]);
        }
    }

    private void compactInto(byte[] larger) {
        int kept = end - start;
        System.arraycopy(buffer, start, larger, 0, kept);
        replace(larger);
        scanned -= start;
        start = 0;
        end = kept;
    }

    private void replace(byte[] other) {
        giveBufferBack();
        buffer = other;
        view = ByteBuffer.wrap(other);
    }

    private void giveBufferBack() {
        if (pooled) {
            BufferCache.give(buffer);
            pooled = false;
        }
    }

    private ByteBuffer view(int from, int to) {
        // The codec of the message before may have read in another order.
        return view.limit(to).position(from).order(ByteOrder.BIG_ENDIAN);
    }

    // ---------------------------------------------------------------- for people

    private String excerpt(int from, int to) {
        int length = Math.min(to - from, EXCERPT_BYTES);
        byte[] bytes = Arrays.copyOfRange(buffer, from, from + length);
        String dots = length < to - from ? "..." : "";
        for (byte b : bytes) {
            boolean isText = b < 0 || b >= ' ' || b == '\n' || b == '\r' || b == '\t';
            if (!isText) {
                return hex(bytes) + dots;
            }
        }
        return new String(bytes, UTF_8).replaceAll("\\p{Cntrl}", " ") + dots;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder("0x");
        for (byte b : bytes) {
            text.append(HEX[(b >> 4) & 0xF]).append(HEX[b & 0xF]);
        }
        return text.toString();
    }
}
