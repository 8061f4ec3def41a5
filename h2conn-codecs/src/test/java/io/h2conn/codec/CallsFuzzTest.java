package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.h2conn.CloseReason;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** Calls: envelopes of any kind, and none at all, in any order. */
@Timeout(30)
class CallsFuzzTest {
    @FuzzTest
    void everyCallAndTheConnectionEndWhateverComes(byte[] input) throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        Codec<String> text = Codecs.lines().withMaxMessageBytes(DecoderFuzz.MAX_MESSAGE_BYTES);
        Calls<String, String> calls =
                Calls.over(pair.server(), text, text, (request, caller) -> CompletableFuture.completedFuture(request));
        CompletableFuture<String> call = calls.callAsync("?");

        try {
            pair.client().write(ByteBuffer.wrap(input));
            pair.client().closeOutput();
        } catch (IOException e) {
            // The calls have refused the rest.
        }
        pair.client().input().close();

        assertThat(call.handle((reply, failure) -> reply != null || failure != null)
                        .get(10, TimeUnit.SECONDS))
                .isTrue();
        calls.close();
        CloseReason reason = pair.server().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(reason).isNotNull();
    }
}
