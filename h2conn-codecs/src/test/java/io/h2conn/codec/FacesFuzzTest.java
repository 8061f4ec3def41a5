package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Whatever a peer sends, a thread that blocks, futures, and a listener receive the same of it, under every framing.
 *
 * <p>The first byte of an input chooses the framing, the second where the rest is cut in two.
 */
class FacesFuzzTest {
    private static final List<Framing> FRAMINGS = List.of(
            Framing.lengthPrefixed(), Framing.varintPrefixed(), Framing.fixed(3), Framing.lines(), Framing.json());

    /** On the thread that fuzzes, so that an input does the same every time. */
    private static final ConnectionOptions OPTIONS =
            ConnectionOptions.defaults().executor(Runnable::run).gatherWrites(false);

    private interface Face {
        /** Receives to the end, or to what no message follows; returns what it got, messages and errors. */
        List<String> receive(MessageConnection<byte[], byte[]> connection);
    }

    @FuzzTest
    void everyFaceReceivesTheSame(byte[] input) throws IOException {
        if (input.length < 2) {
            return;
        }
        Framing framing = FRAMINGS.get((input[0] & 0xFF) % FRAMINGS.size());
        byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
        int cut = bytes.length == 0 ? 0 : (input[1] & 0xFF) % bytes.length;

        List<String> blocking = receive(framing, bytes, cut, FacesFuzzTest::receiveBlocking);
        assertThat(receive(framing, bytes, cut, FacesFuzzTest::receiveFutures)).isEqualTo(blocking);
        assertThat(receive(framing, bytes, cut, FacesFuzzTest::listen)).isEqualTo(blocking);
    }

    private static List<String> receive(Framing framing, byte[] bytes, int cut, Face face) throws IOException {
        Codec<byte[]> codec = new RawCodec(framing).withMaxMessageBytes(DecoderFuzz.MAX_MESSAGE_BYTES);
        DuplexConnection.Pair pair = DuplexConnection.pair(64 * 1024, OPTIONS);
        pair.client().write(ByteBuffer.wrap(bytes, 0, cut));
        pair.client().write(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
        pair.client().closeOutput();
        try {
            return face.receive(MessageConnection.of(pair.server(), codec));
        } finally {
            pair.client().abort();
            pair.server().abort();
        }
    }

    private static List<String> receiveBlocking(MessageConnection<byte[], byte[]> connection) {
        List<String> received = new ArrayList<>();
        while (true) {
            try {
                byte[] message = connection.receive();
                if (message == null) {
                    return received;
                }
                received.add(Arrays.toString(message));
            } catch (IOException e) {
                if (addIsLast(received, e)) {
                    return received;
                }
            }
        }
    }

    private static List<String> receiveFutures(MessageConnection<byte[], byte[]> connection) {
        List<String> received = new ArrayList<>();
        while (true) {
            try {
                byte[] message = connection.receiveAsync().join();
                if (message == null) {
                    return received;
                }
                received.add(Arrays.toString(message));
            } catch (CompletionException e) {
                if (addIsLast(received, e.getCause())) {
                    return received;
                }
            }
        }
    }

    private static List<String> listen(MessageConnection<byte[], byte[]> connection) {
        List<String> received = new ArrayList<>();
        CompletableFuture<@Nullable Void> done = connection.listen(new MessageListener<>() {
            @Override
            public @Nullable CompletionStage<?> onMessage(byte[] message) {
                received.add(Arrays.toString(message));
                return null;
            }

            @Override
            public void onMalformedMessage(CodecException failure) {
                addIsLast(received, failure);
            }
        });
        Throwable failure = done.handle((ended, thrown) -> thrown).join();
        if (failure != null) {
            addIsLast(received, failure);
        }
        return received;
    }

    /** Notes an error; returns whether nothing can come after it. */
    private static boolean addIsLast(List<String> received, Throwable failure) {
        assertThat(failure).isInstanceOfAny(CodecException.class, EOFException.class);
        if (!(failure instanceof CodecException malformed)) {
            received.add("the input ends inside a message");
            return true;
        }
        assertThat(malformed.isFatal()).isEqualTo(malformed.getMessage().contains("nothing more can be received"));
        received.add(malformed.getClass().getSimpleName() + " at " + malformed.offset());
        return malformed.isFatal();
    }
}
