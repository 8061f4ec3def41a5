package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order in which somebody reads a message is theirs: nobody else's bytes are read or written in it. */
@Timeout(30)
class ByteOrderTest {
    /** As a user would write it whose format is little-endian. */
    private static final Codec<Integer> LITTLE_ENDIAN = new Codec<>() {
        @Override
        public void encode(Integer message, MessageOutput output) throws IOException {
            output.writeInt(Integer.reverseBytes(message));
        }

        @Override
        public Integer decode(ByteBuffer message) {
            assertThat(message.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            return message.order(ByteOrder.LITTLE_ENDIAN).getInt();
        }
    };

    private static final Transformation UNCHANGED = new Transformation() {
        @Override
        public void apply(ByteBuffer message, MessageOutput output) throws IOException {
            assertThat(message.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            output.write(message.order(ByteOrder.LITTLE_ENDIAN));
        }

        @Override
        public void undo(ByteBuffer message, MessageOutput output) throws IOException {
            apply(message, output);
        }
    };

    private final DuplexConnection.Pair pair = DuplexConnection.pair();

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private void exchange(Codec<Integer> codec) throws IOException {
        MessageConnection<Integer, Integer> sender = MessageConnection.of(pair.client(), codec);
        MessageConnection<Integer, Integer> receiver = MessageConnection.of(pair.server(), codec);

        sender.sendAll(List.of(0x01020304, 2, 3));
        sender.send(4);

        assertThat(List.of(receiver.receive(), receiver.receive(), receiver.receive(), receiver.receive()))
                .containsExactly(0x01020304, 2, 3, 4);
    }

    @Test
    void theLengthAfterAMessageThatWasReadInLittleEndianOrderIsBigEndian() throws IOException {
        exchange(LITTLE_ENDIAN);
    }

    @Test
    void whatATransformationReadsInLittleEndianOrderIsWrittenInBigEndianOrder() throws IOException {
        exchange(LITTLE_ENDIAN.through(UNCHANGED));
        exchange(LITTLE_ENDIAN.through(UNCHANGED).through(UNCHANGED));
    }
}
