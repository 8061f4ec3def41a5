package io.h2conn.codec;

import static io.h2conn.codec.TwoSides.failureOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls with a peer that speaks bytes: what is on the wire, and what a peer can do with it. */
@Timeout(30)
class CallsWireTest {
    private static final JsonCodec<String> STRINGS = JsonCodec.of(String.class);
    private static final JsonCodec<Integer> NUMBERS = JsonCodec.of(Integer.class);

    private final DuplexConnection.Pair pair = DuplexConnection.pair();
    private final DuplexConnection peer = pair.client();
    private final BlockingQueue<CompletableFuture<Integer>> pending = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        pair.client().abort();
        pair.server().abort();
    }

    /** Answers with the length of the request; {@code "later"}, when the test does. */
    private final CallHandler<String, Integer> handler = (request, calls) -> {
        if (!request.equals("later")) {
            return CompletableFuture.completedFuture(request.length());
        }
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        pending.add(answer);
        return answer;
    };

    private Calls<String, Integer> calls() {
        return Calls.over(pair.server(), STRINGS, NUMBERS, handler);
    }

    private void peerSends(String hex) throws IOException {
        peer.write(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    private static String message(int kind, long id, String body) {
        HexFormat hex = HexFormat.of();
        byte[] bytes = body.getBytes(UTF_8);
        return hex.toHexDigits(9 + bytes.length)
                + hex.toHexDigits((byte) kind)
                + hex.toHexDigits(id)
                + hex.formatHex(bytes);
    }

    private void peerReceives(String hex) throws IOException {
        byte[] wanted = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] received = new byte[wanted.length];
        new DataInputStream(peer.input()).readFully(received);
        assertThat(HexFormat.of().formatHex(received)).isEqualTo(HexFormat.of().formatHex(wanted));
    }

    private record Message(int kind, long id, int code, String text) {}

    private Message peerReceives() throws IOException {
        DataInputStream input = new DataInputStream(peer.input());
        int length = input.readInt();
        int kind = input.read();
        long id = input.readLong();
        byte[] body = input.readNBytes(length - 9);
        return new Message(kind, id, body[0], new String(body, 1, body.length - 1, UTF_8));
    }

    private void theConnectionEndsWith(ErrorCode code) throws Exception {
        CloseReason reason = pair.server().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(reason.code()).isEqualTo(code);
        assertThat(reason.origin()).isEqualTo(Origin.LOCAL);
    }

    // ---------------------------------------------------------------- to the byte

    @Test
    void aRequestIsItsLengthAKindAnIdAndABody() throws Exception {
        CompletableFuture<Integer> call = calls().callAsync("hé");

        peerReceives("0000000e 01 0000000000000001 22 68c3a9 22");
        peerSends("0000000b 02 0000000000000001 3432");
        assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(42);
    }

    @Test
    void aReplyHasTheIdOfItsRequestWhateverThatIs() throws Exception {
        calls();

        peerSends("0000000e 01 ffffffffffffffff 22 616263 22");
        peerReceives("0000000a 02 ffffffffffffffff 33");
        peerSends("0000000b 01 8000000000000000 2222");
        peerReceives("0000000a 02 8000000000000000 30");
    }

    @Test
    void anErrorIsACodeAndAText() throws Exception {
        Calls<String, Integer> calls = Calls.over(pair.server(), STRINGS, NUMBERS);

        peerSends("0000000b 01 0000000000000005 2222");
        peerReceives(message(3, 5, "\u0003this side answers no calls"));
        CompletableFuture<Integer> call = calls.callAsync("");
        peerSends("0000000d 03 0000000000000001 06 627965");
        assertThat(failureOf(call)).isInstanceOfSatisfying(CallException.class, e -> {
            assertThat(e.reason()).isEqualTo(CallException.Reason.CLOSING);
            assertThat(e.text()).isEqualTo("bye");
        });
    }

    @Test
    void aCancelIsAnEnvelopeWithoutABody() throws Exception {
        CompletableFuture<Integer> call = calls().callAsync("");
        call.cancel(false);
        peerReceives("0000000b 01 0000000000000001 2222");
        peerReceives("00000009 04 0000000000000001");

        peerSends(message(1, 9, "\"later\""));
        CompletableFuture<Integer> handling = pending.poll(10, TimeUnit.SECONDS);
        peerSends("00000009 04 0000000000000009");
        assertThat(failureOf(handling)).isInstanceOf(CancellationException.class);
    }

    @Test
    void messagesMayBeCutAnywhere() throws Exception {
        calls();
        String request = message(1, 3, "\"abc\"");
        for (int i = 0; i < request.length(); i += 2) {
            peerSends(request.substring(i, i + 2));
        }

        peerReceives("0000000a 02 0000000000000003 33");
    }

    // ---------------------------------------------------------------- hostile

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000000",
                "00000008 01 00000000000000",
                "00000009 00 0000000000000001",
                "00000009 05 0000000000000001",
                "0000000a ff 0000000000000001 22",
                "474554202f20485454502f312e310d0a"
            })
    void whatIsNotAnEnvelopeEndsTheConnection(String bytes) throws Exception {
        CompletableFuture<Integer> call = calls().callAsync("");

        peerSends(bytes);

        assertThat(failureOf(call)).isInstanceOf(CodecException.class).hasMessageContaining("envelope");
        theConnectionEndsWith(ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void anEndInsideAnEnvelopeEndsTheConnection() throws Exception {
        CompletableFuture<Integer> call = calls().callAsync("");

        peerSends("0000000b 02 00");
        peer.closeOutput();

        assertThat(failureOf(call)).isInstanceOf(EOFException.class).hasMessageContaining("inside the message");
        theConnectionEndsWith(ErrorCode.PROTOCOL_ERROR);
    }

    @Test
    void aSecondRequestWithTheIdOfOneInProgressEndsTheConnection() throws Exception {
        calls();

        peerSends(message(1, 9, "\"later\"") + message(1, 9, "\"later\""));

        theConnectionEndsWith(ErrorCode.PROTOCOL_ERROR);
        assertThat(failureOf(pending.poll(10, TimeUnit.SECONDS))).isInstanceOf(CancellationException.class);
        assertThat(pending).isEmpty();
    }

    @Test
    void repliesErrorsAndCancelsToNothingAreDropped() throws Exception {
        Calls<String, Integer> calls = calls();

        peerSends(message(2, 1, "1")
                + message(2, -1, "not a number")
                + message(3, 77, "\u0001what?")
                + message(3, 78, "")
                + message(4, 5, "")
                + message(4, 6, "why not"));
        peerSends(message(1, 3, "\"abc\""));

        peerReceives("0000000a 02 0000000000000003 33");
        assertThat(calls.droppedReplies()).isEqualTo(4);
    }

    @Test
    void aSecondReplyToOneCallIsDropped() throws Exception {
        Calls<String, Integer> calls = calls();
        CompletableFuture<Integer> call = calls.callAsync("");

        peerSends(message(2, 1, "1") + message(2, 1, "2") + message(1, 3, "\"\""));

        peerReceives();
        peerReceives("0000000a 02 0000000000000003 30");
        assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(calls.droppedReplies()).isEqualTo(1);
    }

    @Test
    void anErrorWithoutACodeOrWithAnUnknownOneFailsItsCall() throws Exception {
        Calls<String, Integer> calls = calls();
        CompletableFuture<Integer> first = calls.callAsync("");
        CompletableFuture<Integer> second = calls.callAsync("");

        peerSends(message(3, 1, "") + message(3, 2, "\u007f" + "é".repeat(100_000)));

        assertThat(failureOf(first)).isInstanceOf(CodecException.class);
        assertThat(failureOf(second)).isInstanceOfSatisfying(CallException.class, e -> {
            assertThat(e.reason()).isEqualTo(CallException.Reason.FAILED);
            assertThat(e.text()).isEqualTo("é".repeat(512));
        });
    }

    @Test
    void aBodyThatCannotBeDecodedCostsItsCallOnly() throws Exception {
        Calls<String, Integer> calls = calls();
        CompletableFuture<Integer> call = calls.callAsync("");
        peerReceives();

        peerSends(message(1, 8, "{") + message(2, 1, "\"no number\"") + message(1, 9, "null"));

        Message first = peerReceives();
        assertThat(first.kind()).isEqualTo(3);
        assertThat(first.id()).isEqualTo(8);
        assertThat(first.code()).isEqualTo(2);
        assertThat(first.text()).isEqualTo("the request at byte 13 of the input cannot be decoded");
        Message second = peerReceives();
        assertThat(second.id()).isEqualTo(9);
        assertThat(second.text()).isEqualTo("the request at byte 51 of the input cannot be decoded");
        assertThat(failureOf(call)).isInstanceOf(CodecException.class).hasMessageContaining("Integer");
        assertThat(pair.server().isOpen()).isTrue();
    }

    @Test
    void aRequestLargerThanEverythingIsSkippedWithoutBeingStored() throws Exception {
        calls();
        peerSends("7fffffff 01 0000000000000004");

        Message refusal = peerReceives();

        assertThat(refusal.id()).isEqualTo(4);
        assertThat(refusal.code()).isEqualTo(2);
        assertThat(refusal.text()).contains("2147483638 bytes");
    }

    @Test
    void aPeerThatFloodsRequestsAndDoesNotReadIsReset() throws Exception {
        DuplexConnection.Pair small =
                DuplexConnection.pair(1000, ConnectionOptions.defaults().sendBufferBytes(1000));
        Calls<String, Integer> unused = Calls.over(small.server(), STRINGS, NUMBERS);
        byte[] request = HexFormat.of().parseHex(message(1, 1, "\"\""));

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        small.client().write(ByteBuffer.wrap(request));
                    }
                })
                .isInstanceOf(IOException.class);

        CloseReason reason = small.server().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(reason.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        small.client().abort();
    }

    @Test
    void callingAndCancellingInTurnsDoesNotGoAroundTheLimit() throws Exception {
        BlockingQueue<String> running = new LinkedBlockingQueue<>();
        CompletableFuture<Integer> mayReturn = new CompletableFuture<>();
        Calls.over(
                pair.server(),
                STRINGS,
                NUMBERS,
                CallHandler.blocking((request, calls) -> {
                    running.add(request);
                    return mayReturn.join(); // deaf to interrupts
                }),
                CallOptions.defaults().withMaxPeerCalls(3));

        for (int i = 1; i <= 100; i++) {
            peerSends(message(1, i, "\"\"") + message(4, i, ""));
        }

        peerSends(message(1, 101, "{"));

        while (peerReceives().id() != 101) {
            // Refusals of some of the others; how many depends on how many were cancelled before they began.
        }
        assertThat(running).hasSizeLessThanOrEqualTo(3);
        mayReturn.complete(1);
    }

    @Test
    void repliesAreReadWhileThisSideIsBusyAndThePeerDoesNotRead() throws Exception {
        DuplexConnection.Pair small =
                DuplexConnection.pair(1000, ConnectionOptions.defaults().sendBufferBytes(1000));
        Calls<String, Integer> calls = Calls.over(
                small.server(),
                STRINGS,
                NUMBERS,
                handler,
                CallOptions.defaults().withMaxPeerCalls(1));
        CompletableFuture<Integer> call = calls.callAsync("x".repeat(5000), Duration.ofSeconds(20));

        for (int i = 0; i < 500; i++) {
            small.client().write(ByteBuffer.wrap(HexFormat.of().parseHex(message(1, i, "\"" + "y".repeat(i) + "\""))));
        }
        small.client().write(ByteBuffer.wrap(HexFormat.of().parseHex(message(2, 1, "42"))));

        assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(42);
        small.client().abort();
    }

    @Test
    void randomBytesNeverHang() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            DuplexConnection.Pair each = DuplexConnection.pair();
            Calls<String, Integer> calls = Calls.over(each.server(), STRINGS, NUMBERS, handler);
            CompletableFuture<Integer> call = calls.callAsync("");
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            for (int at = 0; at + 13 < bytes.length; at += 13 + random.nextInt(20)) {
                Arrays.fill(bytes, at, at + 3, (byte) 0);
                bytes[at + 3] = (byte) random.nextInt(40);
                bytes[at + 4] = (byte) random.nextInt(6);
            }
            try {
                each.client().write(ByteBuffer.wrap(bytes));
                each.client().closeOutput();
            } catch (IOException e) {
                assertThat(each.client().isOpen()).isFalse();
            }
            CompletableFuture<?> unused = each.client().closeAsync();

            assertThat(call.handle((reply, failure) -> failure == null || failure instanceof IOException)
                            .get(10, TimeUnit.SECONDS))
                    .isTrue();
            calls.closed().toCompletableFuture().handle((done, failure) -> true).get(10, TimeUnit.SECONDS);
        }
    }
}
