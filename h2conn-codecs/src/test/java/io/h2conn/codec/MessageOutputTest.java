package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MessageOutputTest {
    /** As many numbers as it says. */
    private static final Codec<Integer> NUMBERS = new Codec<>() {
        @Override
        public void encode(Integer count, MessageOutput output) throws IOException {
            for (int i = 0; i < count; i++) {
                output.writeShort(i);
                output.writeInt(i);
                output.writeLong(i);
            }
        }

        @Override
        public Integer decode(ByteBuffer message) {
            return message.remaining() / 14;
        }
    };

    @Test
    void numbersCanBeWrittenAfterTheMessageWasLookedAt() throws IOException {
        MessageOutput output = new MessageOutput(100);
        output.writeShort(1);
        assertThat(output.toByteBuffer().remaining()).isEqualTo(2);
        output.writeInt(2);
        output.writeLong(3);
        output.writeShort(4);

        ByteBuffer message = output.toByteBuffer();

        assertThat(message.remaining()).isEqualTo(16);
        assertThat(message.getShort()).isEqualTo((short) 1);
        assertThat(message.getInt()).isEqualTo(2);
        assertThat(message.getLong()).isEqualTo(3);
        assertThat(message.getShort()).isEqualTo((short) 4);
    }

    @Test
    void aMessageOfNumbersMayBeLongerThanTheOneBefore() throws IOException {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<Integer, Integer> sender = MessageConnection.of(pair.client(), NUMBERS);
        MessageConnection<Integer, Integer> receiver = MessageConnection.of(pair.server(), NUMBERS);

        for (int count = 0; count < 100; count++) {
            sender.send(count);
            assertThat(receiver.receive()).isEqualTo(count);
        }
        pair.client().abort();
    }
}
