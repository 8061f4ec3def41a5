package io.h2conn.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What checks that everything arrives notices when it does not. */
@Timeout(30)
class ChecksTest {
    private static final int LENGTH = 10_000;

    /** What can happen to bytes on their way. */
    enum Damage {
        WRONG_BYTE {
            @Override
            byte[] to(byte[] bytes) {
                byte[] damaged = bytes.clone();
                damaged[bytes.length / 2] ^= 1;
                return damaged;
            }
        },
        SWAPPED_PAIR {
            @Override
            byte[] to(byte[] bytes) {
                int half = bytes.length / 2;
                return joined(Arrays.copyOfRange(bytes, half, bytes.length), Arrays.copyOf(bytes, half));
            }
        },
        LOST_BYTE {
            @Override
            byte[] to(byte[] bytes) {
                int middle = bytes.length / 2;
                return joined(Arrays.copyOf(bytes, middle), Arrays.copyOfRange(bytes, middle + 1, bytes.length));
            }
        },
        LOST_AT_THE_END {
            @Override
            byte[] to(byte[] bytes) {
                return Arrays.copyOf(bytes, bytes.length - 1);
            }
        };

        abstract byte[] to(byte[] bytes);

        static byte[] joined(byte[] first, byte[] second) {
            byte[] joined = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, joined, first.length, second.length);
            return joined;
        }
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        Pattern.piece(0, length).get(bytes);
        return bytes;
    }

    private static void takeAndCheck(byte[] bytes) throws IOException {
        Sink sink = new Sink();
        sink.take(ByteBuffer.wrap(bytes, 0, bytes.length / 3));
        sink.take(ByteBuffer.wrap(bytes, bytes.length / 3, bytes.length - bytes.length / 3));
        new Receipt(sink.received(), 0, null).check(LENGTH, 0);
    }

    @Test
    void aSinkTakesThePattern() {
        assertThatCode(() -> takeAndCheck(pattern(LENGTH))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void aSinkAndItsReceiptNoticeDamage(Damage damage) {
        assertThatThrownBy(() -> takeAndCheck(damage.to(pattern(LENGTH)))).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void damageToAMessageIsNoticed(Damage damage) {
        byte[] damaged = damage.to(Messages.make(Messages.SMALL, 0, 1));

        assertThatThrownBy(() -> Messages.check(damaged, Messages.SMALL, 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> new Exchanges(0).take(damaged)).isInstanceOf(IOException.class);
    }

    @Test
    void messagesThatChangePlacesAreNoticed() throws Exception {
        MessageSink sink = new MessageSink();
        sink.take(Messages.make(Messages.SMALL, 0, 0));

        assertThatThrownBy(() -> sink.take(Messages.make(Messages.SMALL, 2, 0))).isInstanceOf(IOException.class);
    }

    @Test
    void aMessageThatIsLostAtTheEndIsMissingFromTheReceipt() throws Exception {
        MessageSink sink = new MessageSink();
        sink.take(Messages.make(Messages.SMALL, 0, 0));

        assertThatThrownBy(() -> sink.receipt().check(2, 0))
                .isInstanceOf(IOException.class)
                .hasMessage("the client has sent 2, but the server received 1");
    }

    @Test
    void anEchoOfAnotherConnectionIsNoticed() {
        assertThatThrownBy(() -> new Exchanges(1).take(new Exchanges(2).message()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aReceiverOfAFeedNoticesWhatIsMissing() throws Exception {
        FeedSequence sequence = new FeedSequence();
        assertThat(sequence.take(Messages.make(Messages.SMALL, 7, 0))).isEqualTo(7);
        assertThat(sequence.take(Messages.make(Messages.SMALL, 8, 0))).isEqualTo(8);

        assertThatThrownBy(() -> sequence.take(Messages.make(Messages.SMALL, 10, 0)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aReceiptKeepsItsLatencies() throws Exception {
        MessageSink sink = new MessageSink();
        sink.take(Messages.make(Messages.SMALL, 0, System.nanoTime()));
        sink.take(Messages.make(Messages.SMALL, 1, System.nanoTime()));
        Receipt receipt = sink.receipt();

        Receipt arrived = Receipt.from(receipt.toBytes());

        assertThat(arrived.received()).isEqualTo(2);
        assertThat(arrived.latencies()).isEqualTo(receipt.latencies());
        assertThat(new Receipt(3, 4, null)).isEqualTo(Receipt.from(new Receipt(3, 4, null).toBytes()));
    }

    @Test
    void latenciesOfAllRecordersAreMerged() {
        Latencies latencies = new Latencies(100);
        latencies.record(0, 1);
        latencies.record(99, 20_000_000_000L);
        latencies.record(50, Long.MAX_VALUE);

        Histogram merged = latencies.merged();

        assertThat(merged.getTotalCount()).isEqualTo(3);
        assertThat(merged.getMinValue()).isEqualTo(1);
        assertThat(merged.getMaxValue()).isBetween(60_000_000_000L, 61_000_000_000L);
    }

    /** Runs a client's bulk transfer against a server that answers with such bytes. */
    private static Outcome bulk(Direction direction, byte[] answer) throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        FutureTask<Void> server = new FutureTask<>(() -> {
            try (DuplexConnection connection = pair.server()) {
                connection.write(ByteBuffer.wrap(answer));
                connection.closeOutput();
                connection.input().readAllBytes();
            }
            return null;
        });
        new Thread(server).start();
        try (DuplexLink link = new DuplexLink(pair.client())) {
            return LinkWorkloads.bulk(link, direction, 1_000_000);
        } finally {
            server.get();
        }
    }

    private static byte[] withReceipt(byte[] bytes) {
        return Damage.joined(bytes, new Receipt(0, LENGTH, null).toBytes());
    }

    @Test
    void aClientTakesThePatternAndItsReceipt() throws Exception {
        assertThat(bulk(Direction.DOWN, withReceipt(pattern(LENGTH))).operations())
                .isEqualTo(LENGTH);
    }

    @ParameterizedTest
    @EnumSource
    void aClientNoticesDamageToWhatASourceSends(Damage damage) {
        byte[] damaged = withReceipt(damage.to(pattern(LENGTH)));

        assertThatThrownBy(() -> bulk(Direction.DOWN, damaged)).isInstanceOf(IOException.class);
    }

    @Test
    void aClientNoticesAnInputWithoutItsReceipt() {
        assertThatThrownBy(() -> bulk(Direction.DOWN, pattern(LENGTH))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> bulk(Direction.DOWN, new byte[0])).isInstanceOf(IOException.class);
    }

    @Test
    void aClientNoticesThatTheServerHasNotReceivedWhatWasSent() {
        assertThatThrownBy(() -> bulk(Direction.UP, new Receipt(1, 0, null).toBytes()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("but the server received 1");
    }

    @Test
    void anEchoThatEndsTooEarlyIsNoticed() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        pair.server().closeOutput();

        assertThatThrownBy(() -> LinkWorkloads.pingPong(
                        List.of(new DuplexLink(pair.client())), List.of(new Exchanges(0)), 1_000_000))
                .isInstanceOf(EOFException.class);
    }
}
