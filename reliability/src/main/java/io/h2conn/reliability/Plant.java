package io.h2conn.reliability;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** What is done to a byte on its way, so that it shows whether the checker notices. */
enum Plant {
    /** It does not arrive. */
    LOST(Defect.Kind.LOST),
    /** It arrives twice. */
    DOUBLED(Defect.Kind.DUPLICATED),
    /** It changes places with the next one. */
    SWAPPED(Defect.Kind.REORDERED);

    /** What the checker must call it. */
    final Defect.Kind expected;

    Plant(Defect.Kind expected) {
        this.expected = expected;
    }

    /**
     * Follows the frames of one direction of a session without TLS (RFC 9113, section 4.1), and does it to a byte in
     * the payload of a DATA frame, now and then; the frame's length is made to fit.
     */
    static final class Stage {
        private static final int PREFACE = 24;
        private static final int FRAME_HEADER = 9;
        private static final int DATA = 0;
        private static final int PADDED = 0x8;
        /** Bytes. Smaller ones are too short to be sure what happened; larger ones might overrun the window. */
        private static final int SMALLEST = 64;

        private static final int LARGEST = 4_000;
        private static final int ONE_IN = 10;

        private final Plant plant;
        private final AtomicLong planted;
        private final SplittableRandom random;
        private final byte[] header = new byte[FRAME_HEADER];
        private int passing;
        private int inHeader;
        /** Bytes of the payload until the one that is meant; negative if there is none. */
        private int until = -1;

        private int held = -1;

        /**
         * Begins at the first byte of a direction.
         *
         * @param plant what to do
         * @param planted counts
         * @param random decides where
         * @param fromClient whether the direction begins with the client's preface
         */
        Stage(Plant plant, AtomicLong planted, SplittableRandom random, boolean fromClient) {
            this.plant = plant;
            this.planted = planted;
            this.random = random;
            passing = fromClient ? PREFACE : 0;
        }

        /**
         * Moves bytes.
         *
         * @param from all of it
         * @param to room for what there is, and a frame's header, and one byte for each of the smallest frames
         */
        void move(ByteBuffer from, ByteBuffer to) {
            while (from.hasRemaining()) {
                byte next = from.get();
                if (passing > 0) {
                    passing--;
                    pass(next, to);
                } else {
                    header[inHeader++] = next;
                    if (inHeader == FRAME_HEADER) {
                        inHeader = 0;
                        begin(to);
                    }
                }
            }
        }

        private void begin(ByteBuffer to) {
            passing = ((header[0] & 0xff) << 16) | ((header[1] & 0xff) << 8) | (header[2] & 0xff);
            boolean suits = header[3] == DATA
                    && (header[4] & PADDED) == 0
                    && passing >= SMALLEST
                    && passing <= LARGEST
                    && random.nextInt(ONE_IN) == 0;
            until = suits ? random.nextInt(passing / 2) : -1;
            int length = !suits ? passing : plant == LOST ? passing - 1 : plant == DOUBLED ? passing + 1 : passing;
            to.put((byte) (length >>> 16)).put((byte) (length >>> 8)).put((byte) length);
            to.put(header, 3, FRAME_HEADER - 3);
        }

        private void pass(byte next, ByteBuffer to) {
            if (held >= 0) {
                to.put(next).put((byte) held);
                held = -1;
            } else if (until != 0) {
                to.put(next);
                until--;
            } else {
                until = -1;
                planted.incrementAndGet();
                switch (plant) {
                    case LOST -> {}
                    case DOUBLED -> to.put(next).put(next);
                    case SWAPPED -> held = next & 0xff;
                }
            }
        }
    }
}
