package io.h2conn.codec;

import static io.h2conn.codec.BroadcastFixture.SMALL;
import static io.h2conn.codec.BroadcastFixture.fill;
import static io.h2conn.codec.TwoSides.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.codec.BroadcastFixture.Link;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys that cannot be compared cost the receivers that would have to compare them, and nobody else. */
@Timeout(30)
class CoalescingKeyTest {
    private final BroadcastFixture fixture = new BroadcastFixture();

    /** Equal to none, and angry about the question. */
    private record Incomparable(String name) {
        @Override
        public boolean equals(Object other) {
            throw new ClassCastException("cannot compare " + name);
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    @AfterEach
    void end() {
        fixture.close();
    }

    @Test
    void aReceiverThatCannotCompareTwoKeysEndsAndTheOthersGoOn() throws IOException {
        Broadcast<String> broadcast =
                Broadcast.builder(fixture.codec).coalesceBy(Incomparable::new).build();
        Link slow = fixture.link(SMALL);
        Link fast = fixture.link(100_000);
        Broadcast.Receiver<String> slowReceiver = broadcast.add(slow.connection());
        List<String> filling = fill(slowReceiver);
        broadcast.add(fast.connection());

        broadcast.send("one");
        broadcast.send("two");

        assertThat(fast.receive(2)).containsExactly("one", "two");
        assertThat(failureOf(slowReceiver.ended().toCompletableFuture()))
                .isInstanceOf(ClassCastException.class)
                .hasMessage("cannot compare one");
        assertThat(broadcast.size()).isEqualTo(1);
        // What was queued ended with it; what was being written goes on, and the connection is its own.
        List<String> written = new ArrayList<>(filling);
        written.remove(written.size() - 1);
        assertThat(slow.receive(written.size())).isEqualTo(written);
        slow.connection().send("alone");
        assertThat(slow.receive(1)).containsExactly("alone");
    }
}
