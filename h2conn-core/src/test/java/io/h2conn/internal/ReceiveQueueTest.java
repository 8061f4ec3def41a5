package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiveQueueTest {
    private final ReceiveQueue queue = new ReceiveQueue();
    private final List<Chunk> released = new ArrayList<>();

    @Test
    void readsAcrossPiecesInOrder() {
        queue.add(chunk(1, 2), true);
        queue.add(chunk(3), true);
        queue.add(chunk(4, 5, 6), true);

        assertThat(read(4)).containsExactly(1, 2, 3, 4);
        assertThat(queue.unread()).isEqualTo(2);
        assertThat(read(10)).containsExactly(5, 6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 3000, 8191})
    void smallFramesDoNotHoldOnToTheTransportsMemory(int size) {
        int frames = 200_000 / size;
        for (int i = 0; i < frames; i++) {
            byte[] frame = new byte[size];
            Arrays.fill(frame, (byte) i);
            queue.add(chunk(frame), true);
        }
        releaseSpent();

        assertThat(released).hasSize(frames - 1);
        for (int i = 0; i < frames; i++) {
            byte[] frame = new byte[size];
            Arrays.fill(frame, (byte) i);
            assertThat(read(size)).isEqualTo(frame);
        }
        assertThat(queue.unread()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 8191})
    void aSmallFrameThatNobodyWaitsForHoldsOnToNothing(int size) {
        byte[] frame = new byte[size];
        Arrays.fill(frame, (byte) 7);

        queue.add(chunk(frame), false);
        releaseSpent();

        assertThat(released).hasSize(1);
        assertThat(read(size)).isEqualTo(frame);
    }

    @Test
    void largePiecesThatHoldFarMoreThanTheirSizeAreCopied() {
        for (int i = 0; i < 100; i++) {
            byte[] frame = new byte[8192];
            Arrays.fill(frame, (byte) i);
            queue.add(chunk(frame, 65_536), false);
        }
        releaseSpent();

        // Each that is not released holds 64 KiB: together twice what is unread, and one network buffer.
        assertThat((100 - released.size()) * 65_536).isBetween(65_536, 65_536 + 2 * 100 * 8192);
        for (int i = 0; i < 100; i++) {
            byte[] frame = new byte[8192];
            Arrays.fill(frame, (byte) i);
            assertThat(read(8192)).isEqualTo(frame);
        }
        releaseSpent();
        assertThat(released).hasSize(100);
    }

    @Test
    void bulkDataThatFillsItsBuffersIsNeverCopied() {
        for (int i = 0; i < 64; i++) {
            queue.add(chunk(new byte[16_384], 16_384 + 100), false);
        }
        releaseSpent();

        assertThat(released).isEmpty();
    }

    @Test
    void everyPieceIsReleasedExactlyOnce() {
        Chunk read = chunk(new byte[8192]);
        Chunk lent = chunk(new byte[8192]);
        Chunk dropped = chunk(new byte[8192]);
        queue.add(read, true);
        queue.add(lent, true);
        queue.add(dropped, true);

        read(8192);
        assertThat(queue.lend()).isSameAs(lent);
        queue.discard();
        releaseSpent();

        assertThat(released).containsExactly(read, dropped);
    }

    @Test
    void creditIsDueInBatchesAndCountsWhatWasDropped() {
        queue.add(chunk(new byte[2000]), true);
        read(900);
        assertThat(queue.takeCredit(1000)).isZero();
        read(100);
        assertThat(queue.takeCredit(1000)).isEqualTo(1000);
        queue.discard();
        assertThat(queue.takeCredit(1000)).isEqualTo(1000);
        assertThat(queue.takeCredit(1000)).isZero();
    }

    @Test
    void withoutBatchesCreditIsDueWhenAllIsRead() {
        queue.add(chunk(new byte[2000]), true);
        read(1999);
        assertThat(queue.takeCredit(0)).isZero();
        read(1);
        assertThat(queue.takeCredit(0)).isEqualTo(2000);
    }

    private byte[] read(int max) {
        ByteBuffer dst = ByteBuffer.allocate(max);
        queue.read(dst);
        dst.flip();
        byte[] bytes = new byte[dst.remaining()];
        dst.get(bytes);
        return bytes;
    }

    private void releaseSpent() {
        for (Chunk spent = queue.takeSpent(); spent != null; spent = queue.takeSpent()) {
            spent.release();
        }
    }

    private Chunk chunk(int... bytes) {
        byte[] data = new byte[bytes.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) bytes[i];
        }
        return chunk(data);
    }

    private Chunk chunk(byte[] data) {
        return chunk(data, data.length);
    }

    private Chunk chunk(byte[] data, int held) {
        ByteBuffer buffer = ByteBuffer.wrap(data);
        return new Chunk() {
            @Override
            public int held() {
                return held;
            }

            @Override
            public ByteBuffer data() {
                return buffer;
            }

            @Override
            public void release() {
                released.add(this);
            }
        };
    }
}
