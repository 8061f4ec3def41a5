package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.theirs.Mailbox;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The suite sees that a call blocks, whoever wrote what it calls. */
class TaskTest {
    @Test
    void aCallThatBlocksInSomebodyElsesConnectionIsSeen() throws Exception {
        Mailbox mailbox = new Mailbox();
        Task<Boolean> reading = Task.run(mailbox::await).awaitBlocked();
        mailbox.deliver();
        assertThat(reading.get()).isTrue();
    }

    @Test
    void aTestThatWaitsItselfIsNotTakenForACallThatBlocks() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        Task<Boolean> waiting = Task.run(latch::await);
        // It must not be seen as blocked, however long one looks: this is long enough for the thread to be waiting.
        assertThat(Await.becomes(waiting::isBlocked, Duration.ofMillis(50))).isFalse();
        latch.countDown();
        assertThat(waiting.get()).isTrue();
    }
}
