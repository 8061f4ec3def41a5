package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.h2conn.DuplexConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DeflateTest {
    private static final Codec<byte[]> CODEC = Codecs.bytes().through(Transformation.deflate());

    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final MessageConnection<byte[], byte[]> receiver = MessageConnection.of(pair.server(), CODEC);
    /** Sends what should have been compressed. */
    private final MessageConnection<byte[], byte[]> raw =
            MessageConnection.of(pair.client(), Codecs.bytes().withMaxMessageBytes(100_000_000));

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    private static byte[] compressed(byte[] bytes, int level) {
        Deflater deflater = new Deflater(level);
        try {
            deflater.setInput(bytes);
            deflater.finish();
            return drain(deflater);
        } finally {
            deflater.end();
        }
    }

    private static byte[] drain(Deflater deflater) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[1000];
        while (!deflater.finished()) {
            out.write(piece, 0, deflater.deflate(piece));
        }
        return out.toByteArray();
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new Random(bytes).nextBytes(random);
        return random;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 65_535, 65_536, 65_537, 300_000, 1_048_576})
    void randomAndRepetitiveMessagesUpToTheMaximumArriveAsTheyWereSent(int bytes) throws Exception {
        MessageConnection<byte[], byte[]> sender = MessageConnection.of(pair.client(), CODEC);
        for (byte[] message : new byte[][] {random(bytes), new byte[bytes]}) {
            Thread send = new Thread(() -> {
                try {
                    sender.send(message);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            send.start();

            assertThat(receiver.receive()).isEqualTo(message);
            send.join();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9})
    void whatAnyLevelOfCompressionHasMadeIsUnderstood(int level) throws IOException {
        byte[] message = "so so so so so".getBytes(UTF_8);
        raw.send(compressed(message, level));

        assertThat(receiver.receive()).isEqualTo(message);
    }

    @Test
    void noCompressorOfTheJdkMakesMoreOfRandomBytesThanTheWorstCase() {
        for (int bytes = 0; bytes < 200_000; bytes = bytes * 3 / 2 + 1) {
            for (int level = -1; level <= 9; level++) {
                assertThat(compressed(random(bytes), level))
                        .hasSizeLessThanOrEqualTo(Transformation.deflate().maxBytes(bytes));
            }
        }
        assertThat(Transformation.deflate().maxBytes(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    /** 50 MB of zeros in 50 kB, which fit well into the maximum. */
    @Test
    void aBombIsAMessageThatIsTooLargeAndNothingElseIsLost() throws IOException {
        raw.send(compressed(new byte[50_000_000], 9));
        raw.send(compressed(new byte[1_048_577], 9));
        raw.send(compressed(new byte[1_048_576], 9));

        for (int count = 0; count < 2; count++) {
            assertThatThrownBy(receiver::receive)
                    .isInstanceOfSatisfying(MessageTooLargeException.class, e -> {
                        assertThat(e.maxMessageBytes()).isEqualTo(1_048_576);
                        assertThat(e.offset()).isNotNegative();
                    })
                    .hasMessageContaining("decodes to more than the maximum of 1048576 bytes");
        }
        assertThat(receiver.receive()).hasSize(1_048_576);
    }

    @Test
    void aBombNeedsNoMoreMemoryThanTheMaximum() throws IOException {
        byte[] bomb = compressed(new byte[400_000_000], 9);
        MessageOutput output = new MessageOutput(1_000_000);

        assertThatThrownBy(() -> Transformation.deflate().undo(ByteBuffer.wrap(bomb), output))
                .isInstanceOf(MessageTooLargeException.class);
        assertThat(output.capacity()).isLessThanOrEqualTo(2_000_000);
    }

    @Test
    void aMessageToSendThatIsTooLargeBeforeItIsCompressedIsNotSent() throws IOException {
        MessageConnection<byte[], byte[]> sender = MessageConnection.of(pair.client(), CODEC);

        assertThatThrownBy(() -> sender.send(new byte[1_048_577]))
                .isInstanceOfSatisfying(
                        MessageTooLargeException.class,
                        e -> assertThat(e.maxMessageBytes()).isEqualTo(1_048_576));
        sender.send(new byte[] {1});

        assertThat(receiver.receive()).containsExactly(1);
    }

    @Test
    void whatIsCutOffChangedOrFollowedByMoreIsAnErrorOfThatMessageOnly() throws IOException {
        byte[] good = compressed("hello hello hello".getBytes(UTF_8), 6);
        for (int length = 0; length < good.length; length++) {
            raw.send(Arrays.copyOf(good, length));
            assertThatThrownBy(receiver::receive)
                    .isExactlyInstanceOf(CodecException.class)
                    .hasMessageContaining("cut off");
        }
        for (int more = 1; more < 20; more++) {
            raw.send(Arrays.copyOf(good, good.length + more));
            assertThatThrownBy(receiver::receive)
                    .isExactlyInstanceOf(CodecException.class)
                    .hasMessageContaining(more + " bytes follow");
        }
        for (int index = 0; index < good.length; index++) {
            byte[] changed = good.clone();
            changed[index] ^= 0x10;
            raw.send(changed);
            assertThatThrownBy(receiver::receive).isExactlyInstanceOf(CodecException.class);
        }
        raw.send("not compressed at all".getBytes(UTF_8));
        assertThatThrownBy(receiver::receive)
                .hasMessageContaining("not a message compressed by zlib")
                .hasCauseInstanceOf(DataFormatException.class);
        raw.send(good);

        assertThat(receiver.receive()).asString(UTF_8).isEqualTo("hello hello hello");
    }

    @Test
    void aPresetDictionaryIsRefused() throws IOException {
        Deflater deflater = new Deflater();
        deflater.setDictionary("hello".getBytes(UTF_8));
        deflater.setInput("hello".getBytes(UTF_8));
        deflater.finish();
        raw.send(drain(deflater));
        deflater.end();

        assertThatThrownBy(receiver::receive)
                .isExactlyInstanceOf(CodecException.class)
                .hasMessageContaining("dictionary");
    }

    @Test
    void transformationsNest() throws IOException {
        Codec<String> twice = Codecs.lines().through(Transformation.deflate()).through(Transformation.deflate());
        MessageConnection<String, String> sender = MessageConnection.of(pair.client(), twice);
        MessageConnection<String, String> twiceReceiver = MessageConnection.of(pair.server(), twice);

        sender.send("a line, \n and no line framing around it \r");
        sender.sendAll(List.of("", "x".repeat(1_000_000)));

        assertThat(twiceReceiver.receive()).isEqualTo("a line, \n and no line framing around it \r");
        assertThat(twiceReceiver.receive()).isEmpty();
        assertThat(twiceReceiver.receive()).hasSize(1_000_000);
    }

    /** A leak of one deflater for each message would be 26 GB. */
    @Test
    void aHundredThousandMessagesLeaveNoNativeMemoryBehind() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeThat(status).exists();
        byte[] good = "hello hello hello".getBytes(UTF_8);
        byte[] bad = compressed(new byte[100], 6);
        bad[bad.length - 1]++;
        long before = 0;
        for (int count = 0; count < 100_000; count++) {
            if (count == 1000) {
                before = residentKilobytes(status);
            }
            MessageOutput compressed = new MessageOutput(100);
            Transformation.deflate().apply(ByteBuffer.wrap(good), compressed);
            MessageOutput plain = new MessageOutput(100);
            Transformation.deflate().undo(compressed.toByteBuffer(), plain);
            assertThat(plain.toByteBuffer()).isEqualTo(ByteBuffer.wrap(good));
            assertThatThrownBy(() -> Transformation.deflate().undo(ByteBuffer.wrap(bad), plain))
                    .isInstanceOf(CodecException.class);
        }

        assertThat(residentKilobytes(status) - before).isLessThan(500_000);
    }

    private static long residentKilobytes(Path status) throws IOException {
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no VmRSS in " + status);
    }
}
