package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShortQueueTest {
    private final ShortQueue<Integer> queue = new ShortQueue<>();

    @Test
    void anEmptyQueueHasNothing() {
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.peek()).isNull();
        assertThat(queue.peekLast()).isNull();
        assertThat(queue.poll()).isNull();
    }

    @Test
    void aSingleElementIsBothFirstAndLast() {
        queue.add(1);

        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.peek()).isEqualTo(1);
        assertThat(queue.peekLast()).isEqualTo(1);
    }

    @Test
    void elementsLeaveInTheOrderTheyCame() {
        Random random = new Random(1);
        ArrayDeque<Integer> expected = new ArrayDeque<>();
        for (int i = 0; i < 10_000; i++) {
            if (random.nextBoolean()) {
                queue.add(i);
                expected.add(i);
            } else {
                assertThat(queue.poll()).isEqualTo(expected.poll());
            }
            assertThat(queue.peek()).isEqualTo(expected.peek());
            assertThat(queue.peekLast()).isEqualTo(expected.peekLast());
            assertThat(queue.isEmpty()).isEqualTo(expected.isEmpty());
        }
    }
}
