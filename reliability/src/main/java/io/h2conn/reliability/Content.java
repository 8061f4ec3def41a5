package io.h2conn.reliability;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * What one side of a connection sends: messages whose number, sizes and bytes follow from the connection's id and the
 * direction, so that the receiver knows each byte at each place.
 *
 * <pre>
 *   4 bytes   length of the payload
 *   8 bytes   id of the connection
 *   1 byte    direction
 *   4 bytes   number of the message, from 0
 *   n bytes   payload, from a generator that id, direction and number start
 *   4 bytes   CRC-32 of all before
 * </pre>
 *
 * @param id of the connection
 * @param from who sends it first; an echo has the content of the one it answers
 * @param messages how many there are
 * @param bulky whether the sizes are those of bulk data
 */
record Content(long id, Side from, int messages, boolean bulky) {
    /** Bytes before the payload. */
    static final int HEADER = 17;
    /** Bytes after the payload. */
    static final int TRAILER = 4;

    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    /** One message as it goes over the wire. */
    byte[] message(int number) {
        int length = payload(number);
        byte[] bytes = new byte[HEADER + length + TRAILER];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putInt(length).putLong(id).put(from.code).putInt(number);
        long state = start(number);
        while (buffer.position() + Long.BYTES <= HEADER + length) {
            state += GOLDEN;
            buffer.putLong(mix(state));
        }
        for (long last = mix(state + GOLDEN); buffer.position() < HEADER + length; last >>>= Byte.SIZE) {
            buffer.put((byte) last);
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, HEADER + length);
        buffer.putInt((int) crc.getValue());
        return bytes;
    }

    /** How many bytes a message has on the wire. */
    int size(int number) {
        return HEADER + payload(number) + TRAILER;
    }

    /** How many bytes all messages have on the wire. */
    long size() {
        long size = 0;
        for (int number = 0; number < messages; number++) {
            size += size(number);
        }
        return size;
    }

    /** How many messages are complete within the first bytes. */
    int complete(long bytes) {
        long left = bytes;
        int number = 0;
        while (number < messages && left >= size(number)) {
            left -= size(number++);
        }
        return number;
    }

    /** Bytes of a payload: mostly few, now and then some hundred KiB. */
    private int payload(int number) {
        long random = mix(start(number) ^ GOLDEN);
        int share = (int) Long.remainderUnsigned(random, 1000);
        int spread = (int) (random >>> 33);
        if (bulky) {
            return 8 * 1024 + spread % (56 * 1024);
        } else if (share < 700) {
            return 1 + spread % 200;
        } else if (share < 920) {
            return 200 + spread % 4_000;
        } else if (share < 995) {
            return 4_000 + spread % 28_000;
        } else {
            return 32_000 + spread % 300_000;
        }
    }

    private long start(int number) {
        return mix(id * GOLDEN + from.code) + number * 0xD1B5_4A32_D192_ED03L;
    }

    /** The finaliser of SplitMix64. */
    static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
