package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What every decoder must stand, whatever bytes a peer sends: it gives messages and typed errors, comes to an end, is not
 * impressed by where the bytes are cut, and needs memory for what has arrived only.
 *
 * <p>The first byte of an input chooses the cuts, the others are what the peer sends.
 *
 * @param <T> the type of the messages
 */
abstract class DecoderFuzz<T> {
    /** Bytes. Small, so that the fuzzer finds out what is behind it. */
    static final int MAX_MESSAGE_BYTES = 256;

    /** Bytes. Exceptions with their stack traces, tables of a parser: whatever an input of a few bytes may cost. */
    private static final long ALLOCATION_PER_INPUT = 4L << 20;
    /** Bytes. A message may be many objects, and each error has a stack trace. */
    private static final long ALLOCATION_PER_BYTE = 64 * 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Codec<T> codec;

    DecoderFuzz(Codec<T> codec) {
        this.codec = codec.withMaxMessageBytes(MAX_MESSAGE_BYTES);
    }

    /** One message, as it is sent again, or an error. */
    record Outcome(ByteBuffer encoded, String error, long offset) {
        private static final ByteBuffer NONE = ByteBuffer.allocate(0);

        static Outcome error(IOException e) {
            return new Outcome(NONE, e.getClass().getSimpleName(), e instanceof CodecException c ? c.offset() : -1);
        }
    }

    /** Decodes an input as a whole and in pieces. */
    final void decode(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        long allowed = ALLOCATION_PER_INPUT + ALLOCATION_PER_BYTE * bytes.length;
        long allocated = compare(bytes, input[0]);
        for (int again = 0; again < 3 && allocated > allowed; again++) {
            allocated = compare(bytes, input[0]); // the first time loads classes, and the fuzzer instruments them
        }
        assertThat(allocated).as("bytes allocated for " + bytes.length).isLessThanOrEqualTo(allowed);
    }

    /** Returns how many bytes were allocated. */
    private long compare(byte[] bytes, byte choice) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        List<Outcome> whole = outcomes(bytes, new Whole());
        List<Outcome> cut = outcomes(bytes, new Pieces(choice));
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        requireSame(whole, cut);
        return allocated;
    }

    /** What the same bytes must have in common, however they were cut. */
    void requireSame(List<Outcome> whole, List<Outcome> cut) {
        assertThat(cut).isEqualTo(whole);
    }

    private List<Outcome> outcomes(byte[] bytes, Cuts cuts) throws IOException {
        Inbox<T> inbox = new Inbox<>(codec);
        List<Outcome> outcomes = new ArrayList<>();
        int arrived = 0;
        boolean usable = true;
        while (usable && arrived < bytes.length) {
            arrived = cuts.feed(inbox, bytes, arrived);
            usable = takeAll(inbox, outcomes);
            // Every message and every error is about bytes of its own.
            assertThat(outcomes.size()).isLessThanOrEqualTo(arrived);
        }
        if (usable) {
            takeLast(inbox, outcomes);
        }
        return outcomes;
    }

    /** Returns whether more can come. */
    private boolean takeAll(Inbox<T> inbox, List<Outcome> outcomes) throws IOException {
        while (true) {
            Outcome outcome;
            try {
                T message = inbox.next();
                if (message == null) {
                    return true;
                }
                outcome = new Outcome(encodeAgain(message), "", 0);
            } catch (CodecException e) {
                outcome = Outcome.error(e);
                if (e.isFatal()) {
                    outcomes.add(outcome);
                    return false;
                }
            }
            outcomes.add(outcome);
        }
    }

    private void takeLast(Inbox<T> inbox, List<Outcome> outcomes) throws IOException {
        try {
            T message = inbox.last();
            if (message != null) {
                outcomes.add(new Outcome(encodeAgain(message), "", 0));
            }
        } catch (EOFException | CodecException e) {
            outcomes.add(Outcome.error(e));
        }
    }

    /** A message that came in can be sent, or is refused in an orderly way, and is the same when it comes back. */
    private ByteBuffer encodeAgain(T message) throws IOException {
        ByteBuffer encoded;
        try {
            encoded = encode(message);
        } catch (CodecException e) {
            return Outcome.NONE;
        }
        // Some formats have several ways to write a value, of which encoding chooses one.
        ByteBuffer again = encode(decodeOne(encoded));
        assertThat(encode(decodeOne(again))).isEqualTo(again);
        return encoded;
    }

    private T decodeOne(ByteBuffer encoded) throws IOException {
        Inbox<T> back = new Inbox<>(codec);
        back.adopt(encoded.duplicate());
        T message = back.next();
        assertThat(message).isNotNull();
        assertThat(back.next()).isNull();
        return message;
    }

    private ByteBuffer encode(T message) throws IOException {
        return Encoding.encode(codec, codec.framing(), MAX_MESSAGE_BYTES, message)
                .toByteBuffer();
    }

    // ---------------------------------------------------------------- how bytes arrive

    private interface Cuts {
        /** Brings some bytes in; returns how many have arrived then. */
        int feed(Inbox<?> inbox, byte[] bytes, int arrived);
    }

    private record Whole() implements Cuts {
        @Override
        public int feed(Inbox<?> inbox, byte[] bytes, int arrived) {
            inbox.adopt(ByteBuffer.wrap(bytes.clone()));
            return bytes.length;
        }
    }

    /** In small pieces, in each of the ways in which an inbox gets bytes. */
    private static final class Pieces implements Cuts {
        private final SplittableRandom random;

        Pieces(byte choice) {
            random = new SplittableRandom(choice);
        }

        @Override
        public int feed(Inbox<?> inbox, byte[] bytes, int arrived) {
            int count = Math.min(bytes.length - arrived, 1 + random.nextInt(random.nextBoolean() ? 3 : 600));
            ByteBuffer piece = ByteBuffer.wrap(bytes, arrived, count);
            switch (random.nextInt(4)) {
                case 0 -> inbox.copy(piece);
                case 1 -> inbox.adopt(ByteBuffer.wrap(Arrays.copyOfRange(bytes, arrived, arrived + count)));
                case 2 -> {
                    inbox.settle();
                    inbox.copy(piece);
                }
                default -> {
                    ByteBuffer room = inbox.room();
                    count = Math.min(count, room.remaining());
                    room.put(piece.limit(arrived + count));
                    inbox.received(count);
                }
            }
            return arrived + count;
        }
    }
}
