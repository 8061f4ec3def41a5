package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The bytes of one write stay together, whatever other writers do. */
interface ContiguityContract {
    /** A way of writing one block. */
    @FunctionalInterface
    interface Writer {
        void write(DuplexConnection connection, ByteBuffer block) throws Exception;
    }

    @BothWays
    default void blocksOfManyWritersNeverMix(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        Writer blocking = DuplexConnection::write;
        Writer stream = (connection, block) -> {
            byte[] bytes = new byte[block.remaining()];
            block.get(bytes);
            connection.output().write(bytes);
        };
        int[] sizes = {1, 5, 17, 300, scale.sendBufferBytes() + 1, scale.blockBytes()};
        writeAndCheck(near, far, sizes, List.of(blocking, stream, blocking, stream, blocking));
    }

    @BothWays
    default void gatheredBlocksOfManyWritersNeverMix(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        Writer gathering = (connection, block) -> {
            ByteBuffer[] parts = inThree(block);
            assertThat(connection.write(parts)).isEqualTo(block.remaining());
        };
        Writer async = (connection, block) -> Await.result(connection.writeAsync(block));
        int[] sizes = {1, 5, 17, 300, scale.sendBufferBytes() + 1};
        // One asynchronous writer only: a second would be refused.
        writeAndCheck(near, far, sizes, List.of(gathering, async, gathering, gathering));
    }

    @BothWays
    default void aGatheringWriteSendsTheBuffersItWasAskedTo(DuplexConnection near, DuplexConnection far)
            throws Exception {
        ByteBuffer[] parts = {Bytes.of("no"), Bytes.of("one "), ByteBuffer.allocate(0), Bytes.of("two"), Bytes.of("no")
        };
        assertThat(near.write(parts, 1, 3)).isEqualTo(7);
        assertThat(parts[0].position()).isZero();
        assertThat(parts[1].hasRemaining()).isFalse();
        assertThat(parts[3].hasRemaining()).isFalse();
        assertThat(parts[4].position()).isZero();
        assertThat(near.write(parts, 2, 0)).isZero();
        assertThat(Bytes.readText(far, 7)).isEqualTo("one two");
    }

    @BothWays
    default void aGatheringWriteOfBuffersThatAreNotThereIsRefused(DuplexConnection near, DuplexConnection far)
            throws Exception {
        ByteBuffer[] parts = {Bytes.of("a"), Bytes.of("b")};
        for (int[] range : new int[][] {{-1, 1}, {0, 3}, {2, 1}, {1, -1}, {Integer.MAX_VALUE, 1}}) {
            assertThatThrownBy(() -> near.write(parts, range[0], range[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThat(parts[0].position()).isZero();
        near.write(parts);
        assertThat(Bytes.readText(far, 2)).isEqualTo("ab");
    }

    private static void writeAndCheck(DuplexConnection near, DuplexConnection far, int[] sizes, List<Writer> writers)
            throws Exception {
        List<Task<Boolean>> writing = new ArrayList<>();
        for (int i = 0; i < writers.size(); i++) {
            byte tag = (byte) (i + 1);
            Writer writer = writers.get(i);
            writing.add(Task.run(() -> {
                for (int size : sizes) {
                    writer.write(near, block(tag, size));
                }
            }));
        }
        int[] blocks = new int[writers.size() + 1];
        for (int i = 0; i < writers.size() * sizes.length; i++) {
            int tag = readBlock(far);
            blocks[tag]++;
        }
        for (int tag = 1; tag < blocks.length; tag++) {
            assertThat(blocks[tag]).isEqualTo(sizes.length);
            writing.get(tag - 1).get();
        }
    }

    /** A length, and so many bytes that all say whose they are. */
    private static ByteBuffer block(byte tag, int size) {
        byte[] bytes = new byte[Integer.BYTES + size];
        ByteBuffer block = ByteBuffer.wrap(bytes).putInt(size);
        while (block.hasRemaining()) {
            block.put(tag);
        }
        return block.flip();
    }

    private static int readBlock(DuplexConnection connection) throws IOException {
        int size = ByteBuffer.wrap(Bytes.read(connection, Integer.BYTES)).getInt();
        byte[] bytes = Bytes.read(connection, size);
        for (byte each : bytes) {
            if (each != bytes[0]) {
                throw new AssertionError("a block of writer " + bytes[0] + " contains a byte of writer " + each);
            }
        }
        return bytes[0];
    }

    private static ByteBuffer[] inThree(ByteBuffer block) {
        int third = block.remaining() / 3;
        return new ByteBuffer[] {
            block.duplicate().limit(third),
            block.duplicate().position(third).limit(2 * third),
            block.duplicate().position(2 * third)
        };
    }
}
