package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
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

    // ---------------------------------------------------------------- batches

    /** Puts a byte more in front of long messages than it says. */
    private static final class ImmodestFraming implements Framing {
        @Override
        public int maxHeaderBytes() {
            return 1;
        }

        @Override
        public void frame(MessageOutput output) {
            output.prepend(output.length());
            if (output.length() > 1) {
                output.prepend(0);
            }
        }

        @Override
        public Scanner scanner(int maxMessageBytes) {
            return Framing.none().scanner(maxMessageBytes);
        }
    }

    @Test
    void aHeaderThatIsTooLargeDoesNotOverwriteTheMessageBefore() {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<byte[], byte[]> sender =
                MessageConnection.of(pair.client(), new RawCodec(new ImmodestFraming()));

        for (List<byte[]> batch : List.of(List.of(new byte[2]), List.of(new byte[1], new byte[2]))) {
            assertThatThrownBy(() -> sender.sendAll(batch))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("a header larger than its framing's maxHeaderBytes(), 1");
        }
        pair.client().abort();
    }

    /** Says that it has filled all that an array can have, without having it. */
    private enum Huge implements Codec<String> {
        INSTANCE;

        @Override
        public void encode(String message, MessageOutput output) {
            switch (message) {
                case "all" -> output.filledTo(Integer.MAX_VALUE);
                case "more" -> {
                    output.filledTo(Integer.MAX_VALUE - 8);
                    output.append(0);
                }
                default -> {}
            }
        }

        @Override
        public String decode(ByteBuffer message) {
            return "";
        }
    }

    @Test
    void aBatchOfMoreThan2GiBIsRefusedBetweenMessagesAndInsideOne() {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        MessageConnection<String, String> sender = MessageConnection.of(pair.client(), Huge.INSTANCE);

        for (List<String> batch : List.of(List.of("all", ""), List.of("", "more"))) {
            assertThatThrownBy(() -> sender.sendAll(batch))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("larger than 2 GiB together; send fewer at once");
        }
        pair.client().abort();
    }
}
