package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against loops that are too simple to be wrong. */
@Timeout(30)
class BytesTest {
    private static int indexOf(byte wanted, byte[] bytes, int from, int to) {
        for (int index = from; index < to; index++) {
            if (bytes[index] == wanted) {
                return index;
            }
        }
        return -1;
    }

    private static int indexOfEither(byte one, byte other, byte[] bytes, int from, int to) {
        for (int index = from; index < to; index++) {
            if (bytes[index] == one || bytes[index] == other) {
                return index;
            }
        }
        return to;
    }

    private static void check(byte one, byte other, byte[] bytes, int from, int to) {
        assertThat(Bytes.indexOf(one, bytes, from, to)).isEqualTo(indexOf(one, bytes, from, to));
        assertThat(Bytes.indexOfEither(one, other, bytes, from, to))
                .isEqualTo(indexOfEither(one, other, bytes, from, to));
    }

    /** Neighbours of what is looked for, in value and in place, are where a search by words can err. */
    @Test
    void everyByteIsFoundAmongItsNeighboursWhereverItStands() {
        for (int wanted = 0; wanted < 256; wanted++) {
            for (int difference : new int[] {-128, -1, 1, 127, 0x80 ^ 1}) {
                for (int at = 0; at <= 20; at++) {
                    byte[] bytes = new byte[20];
                    Arrays.fill(bytes, (byte) (wanted + difference));
                    if (at < bytes.length) {
                        bytes[at] = (byte) wanted;
                    }
                    check((byte) wanted, (byte) (wanted ^ 0xFF), bytes, 0, bytes.length);
                    check((byte) (wanted ^ 0xFF), (byte) wanted, bytes, 0, bytes.length);
                }
            }
        }
    }

    @Test
    void whatIsOutsideTheRangeIsNotFound() {
        byte[] bytes = new byte[40];
        for (int from = 0; from <= bytes.length; from++) {
            for (int to = from; to <= bytes.length; to++) {
                Arrays.fill(bytes, (byte) 1);
                Arrays.fill(bytes, from, to, (byte) 0);
                check((byte) 1, (byte) 2, bytes, from, to);
            }
        }
    }

    @Test
    void randomBytesInRandomRangesAreFoundAsByALoop() {
        Random random = new Random(1);
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            int alphabet = 1 + random.nextInt(256);
            for (int index = 0; index < bytes.length; index++) {
                bytes[index] = (byte) random.nextInt(alphabet);
            }
            int to = random.nextInt(bytes.length + 1);
            int from = random.nextInt(to + 1);
            check((byte) random.nextInt(alphabet), (byte) random.nextInt(alphabet), bytes, from, to);
        }
    }
}
