package io.h2conn.reliability;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Compares what arrives at one side of a connection, byte by byte, with what the other side sends. Knows nothing but
 * byte arrays. Not safe for threads: as pieces arrive one after the other, so are they checked.
 *
 * <p>From the first byte that is wrong on, what arrives is kept, up to a bound, to tell at the end what has happened:
 * whether it continues at a later place of the content (then bytes were lost, or overtaken if they come later), at an
 * earlier place (then bytes came twice), or with two neighbours exchanged.
 */
final class Checker {
    /** Bytes that are compared to find the place where the content goes on. Random, so that few are enough. */
    private static final int NEEDLE = 24;

    private static final int SHORTEST_NEEDLE = 8;
    /** Bytes that are kept after the first wrong one. */
    private static final int KEPT = 64 * 1024;
    /** Bytes of content before and after the first wrong byte in which to look for what arrived instead. */
    private static final int SEARCHED = 1024 * 1024;

    private final Content content;
    private long received;
    private int number;
    private byte[] message = {};
    private int position;
    private byte @Nullable [] wrong;
    private int kept;

    Checker(Content content) {
        this.content = content;
        if (content.messages() > 0) {
            message = content.message(0);
        }
    }

    /** Takes what has arrived next; its position moves to its limit. */
    void accept(ByteBuffer data) {
        while (data.hasRemaining() && wrong == null) {
            if (position == message.length && !next()) {
                wrong = new byte[KEPT];
                break;
            }
            int length = Math.min(data.remaining(), message.length - position);
            int equal = ByteBuffer.wrap(message, position, length).mismatch(data.slice(data.position(), length));
            int right = equal < 0 ? length : equal;
            data.position(data.position() + right);
            position += right;
            received += right;
            if (right < length) {
                wrong = new byte[KEPT];
            }
        }
        if (wrong != null) {
            int length = Math.min(data.remaining(), KEPT - kept);
            data.get(wrong, kept, length);
            kept += length;
            data.position(data.limit());
        }
    }

    private boolean next() {
        if (number + 1 >= content.messages()) {
            return false;
        }
        message = content.message(++number);
        position = 0;
        return true;
    }

    /** Bytes that have arrived and are right. */
    long received() {
        return received;
    }

    /** What is wrong, or {@code null}. To be asked when nothing more arrives. */
    @Nullable
    Defect defect() {
        if (wrong == null) {
            return null;
        }
        byte[] got = Arrays.copyOf(wrong, kept);
        int before = (int) Math.min(received, SEARCHED);
        byte[] around = around(received - before, before + SEARCHED);
        byte[] ahead = Arrays.copyOfRange(around, before, around.length);
        if (isSwapped(got, ahead)) {
            return new Defect(Defect.Kind.REORDERED, received, 2);
        }
        int needle = Math.min(NEEDLE, got.length);
        if (needle < SHORTEST_NEEDLE) {
            return new Defect(Defect.Kind.CHANGED, received, got.length);
        }
        int later = find(ahead, Arrays.copyOf(got, needle));
        if (later > 0) {
            byte[] missing = Arrays.copyOf(ahead, Math.min(NEEDLE, later));
            boolean overtaken = missing.length >= SHORTEST_NEEDLE && find(got, missing) > 0;
            return new Defect(overtaken ? Defect.Kind.REORDERED : Defect.Kind.LOST, received, later);
        }
        int earlier = findLast(Arrays.copyOf(around, before + needle - 1), Arrays.copyOf(got, needle));
        if (earlier >= 0) {
            return new Defect(Defect.Kind.DUPLICATED, received, before - earlier);
        }
        return new Defect(isOfOthers(got) ? Defect.Kind.FOREIGN : Defect.Kind.CHANGED, received, got.length);
    }

    /** Whether it is the header of a message that belongs elsewhere; its beginning may be the same. */
    private boolean isOfOthers(byte[] got) {
        boolean atEnd = position == message.length;
        int same = atEnd ? 0 : position;
        if (same + got.length < Content.HEADER || same > Content.HEADER) {
            return false;
        }
        ByteBuffer header = ByteBuffer.allocate(Content.HEADER);
        header.put(message, 0, same).put(got, 0, Content.HEADER - same).flip();
        int length = header.getInt();
        long id = header.getLong();
        int from = header.get();
        boolean plausible = length > 0 && length < 1024 * 1024 && (from == 0 || from == 1) && id > 0 && id >>> 40 == 0;
        return plausible && (id != content.id() || from != content.from().code);
    }

    private static boolean isSwapped(byte[] got, byte[] ahead) {
        int length = Math.min(NEEDLE, Math.min(got.length, ahead.length));
        return length >= 2
                && got[0] == ahead[1]
                && got[1] == ahead[0]
                && Arrays.equals(got, 2, length, ahead, 2, length);
    }

    /** The content from a place on. */
    private byte[] around(long from, int length) {
        byte[] bytes = new byte[length];
        int filled = 0;
        long start = 0;
        for (int i = 0; i < content.messages() && filled < length; i++) {
            int size = content.size(i);
            if (start + size > from) {
                byte[] each = content.message(i);
                int skipped = (int) Math.max(0, from - start);
                int copied = Math.min(size - skipped, length - filled);
                System.arraycopy(each, skipped, bytes, filled, copied);
                filled += copied;
            }
            start += size;
        }
        return Arrays.copyOf(bytes, filled);
    }

    private static int find(byte[] bytes, byte[] needle) {
        for (int i = 0; i + needle.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + needle.length, needle, 0, needle.length)) {
                return i;
            }
        }
        return -1;
    }

    private static int findLast(byte[] bytes, byte[] needle) {
        for (int i = bytes.length - needle.length; i >= 0; i--) {
            if (Arrays.equals(bytes, i, i + needle.length, needle, 0, needle.length)) {
                return i;
            }
        }
        return -1;
    }
}
