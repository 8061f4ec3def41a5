package io.h2conn.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a listener may return. */
@Timeout(30)
class ListenerLoopTest {
    @Test
    void aStageThatShowsNothingOfItselfIsWaitedForAsAnyOther() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        List<String> pieces = new ArrayList<>();
        CompletableFuture<@Nullable Void> done = pair.server().listen(data -> {
            pieces.add(UTF_8.decode(data).toString());
            return CompletableFuture.completedStage("done");
        });

        pair.client().write(ByteBuffer.wrap("a".getBytes(UTF_8)));
        pair.client().closeOutput();

        done.get(10, TimeUnit.SECONDS);
        assertThat(pieces).containsExactly("a");
    }
}
