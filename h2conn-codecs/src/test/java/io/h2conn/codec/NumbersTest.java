package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Numbers in messages of different sizes, in memory that is used again. */
@Timeout(30)
class NumbersTest {
    private final DuplexConnection.Pair pair = DuplexConnection.pair();

    private static final class LongsCodec implements Codec<List<Long>> {
        @Override
        public void encode(List<Long> message, MessageOutput output) throws IOException {
            for (long number : message) {
                output.writeLong(number);
            }
        }

        @Override
        public List<Long> decode(ByteBuffer message) {
            long[] numbers = new long[message.remaining() / Long.BYTES];
            message.asLongBuffer().get(numbers);
            return Arrays.stream(numbers).boxed().toList();
        }
    }

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    @Test
    void aLongerMessageOfNumbersFollowsAShorterOne() throws IOException {
        MessageConnection<List<Long>, List<Long>> near = MessageConnection.of(pair.client(), new LongsCodec());
        MessageConnection<List<Long>, List<Long>> far = MessageConnection.of(pair.server(), new LongsCodec());

        near.send(List.of(1L));
        near.send(List.of(1L, 2L, 3L));
        near.sendAll(List.of(List.of(4L), List.of(5L, 6L, 7L)));

        assertThat(far.receive()).containsExactly(1L);
        assertThat(far.receive()).containsExactly(1L, 2L, 3L);
        assertThat(far.receive()).containsExactly(4L);
        assertThat(far.receive()).containsExactly(5L, 6L, 7L);
    }

    @Test
    void writingGoesOnAfterALookAtWhatThereIs() throws IOException {
        MessageOutput output = new MessageOutput(100);
        output.writeInt(1);
        assertThat(output.toByteBuffer().remaining()).isEqualTo(4);
        output.writeInt(2);
        assertThat(output.toByteBuffer().getLong()).isEqualTo(0x1_0000_0002L);
    }
}
