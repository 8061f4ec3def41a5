package io.h2conn.codec;

import static io.h2conn.codec.BroadcastFixture.SMALL;
import static io.h2conn.codec.BroadcastFixture.fill;
import static io.h2conn.codec.BroadcastFixture.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.codec.BroadcastFixture.Link;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What wakes a sender that waits for a receiver without room, and what becomes of its message. */
@Timeout(30)
class BroadcastBlockingTest {
    private final BroadcastFixture fixture = new BroadcastFixture();
    private final Broadcast<String> feed = Broadcast.builder(fixture.codec)
            .queueMessages(1)
            .whenFull(WhenFull.BLOCK)
            .build();
    private final Link slow = fixture.link(SMALL);
    private final Link fast = fixture.link(100_000);
    private final Broadcast.Receiver<String> slowReceiver = feed.add(slow.connection());
    private List<String> filling = List.of();

    @BeforeEach
    void fillTheSlowOne() throws IOException {
        filling = fill(slowReceiver);
        feed.add(fast.connection());
    }

    @AfterEach
    void end() {
        fixture.close();
    }

    /** A call on a thread of its own, which blocks. */
    private static final class Blocked<T> {
        private final FutureTask<T> task;
        private final Thread thread;

        Blocked(Callable<T> call) {
            task = new FutureTask<>(call);
            thread = new Thread(task, "blocked");
            thread.start();
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
                assertThat(task).isNotDone();
                Thread.onSpinWait();
            }
        }

        void interrupt() {
            thread.interrupt();
        }

        T result() throws Exception {
            return task.get(10, TimeUnit.SECONDS);
        }
    }

    private Blocked<Boolean> blockedSend(String message) {
        return new Blocked<>(() -> {
            feed.send(message);
            return Thread.currentThread().isInterrupted();
        });
    }

    @Test
    void aSenderWaitsUntilTheSlowestHasRoom() throws Exception {
        Blocked<Boolean> sender = blockedSend("a");
        assertThat(fast.peer().receive()).isEqualTo("a");

        assertThat(slow.receive(filling.size() + 1)).isEqualTo(join(filling, "a"));

        sender.result();
        assertThat(feed.dropped()).isZero();
    }

    @Test
    void removingTheReceiverWakesTheSender() throws Exception {
        Blocked<Boolean> sender = blockedSend("a");

        CompletableFuture<?> unused = slowReceiver.remove();

        sender.result();
        feed.send("b");
        assertThat(fast.receive(2)).containsExactly("a", "b");
        assertThat(slow.receive(filling.size())).isEqualTo(filling);
    }

    @Test
    void removingAllReceiversWakesTheSender() throws Exception {
        Blocked<Boolean> sender = blockedSend("a");

        CompletableFuture<?> unused = feed.removeAll();

        sender.result();
    }

    @Test
    void theEndOfTheConnectionWakesTheSender() throws Exception {
        Blocked<Boolean> sender = blockedSend("a");

        slow.peer().connection().abort();

        sender.result();
        slowReceiver
                .ended()
                .handle((done, failure) -> null)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(feed.size()).isEqualTo(1);
    }

    @Test
    void receiversComeAndGoWhileASenderWaits() throws Exception {
        Blocked<Boolean> sender = blockedSend("a");

        Link late = fixture.link(1000);
        Broadcast.Receiver<String> lateReceiver = feed.add(late.connection());
        lateReceiver.send("only for the late one");
        lateReceiver.remove().get(10, TimeUnit.SECONDS);

        assertThat(late.peer().receive()).isEqualTo("only for the late one");
        assertThat(feed.size()).isEqualTo(2);
        CompletableFuture<?> unused = slowReceiver.remove();
        sender.result();
    }

    @Test
    void anInterruptEndsTheWaitAndDropsTheMessageForTheSlowOneOnly() throws Exception {
        Blocked<Boolean> sender = new Blocked<>(() -> {
            assertThatThrownBy(() -> feed.send("a")).isInstanceOf(InterruptedIOException.class);
            return Thread.currentThread().isInterrupted();
        });

        sender.interrupt();

        assertThat(sender.result()).isTrue();
        assertThat(slowReceiver.dropped()).isEqualTo(1);
        assertThat(feed.dropped()).isEqualTo(1);
        assertThat(fast.peer().receive()).isEqualTo("a");
        assertThat(slow.receive(filling.size())).isEqualTo(filling);
        feed.send("b");
        assertThat(slow.peer().receive()).isEqualTo("b");
    }

    @Test
    void anInterruptDropsNoMessageOfAnotherSender() throws Exception {
        Blocked<Boolean> first = blockedSend("a");
        Blocked<Boolean> second = new Blocked<>(() -> {
            assertThatThrownBy(() -> feed.send("b")).isInstanceOf(InterruptedIOException.class);
            return true;
        });
        Blocked<Boolean> third = blockedSend("c");

        second.interrupt();
        second.result();

        assertThat(slow.receive(filling.size() + 2)).isEqualTo(join(filling, "a", "c"));
        assertThat(fast.receive(3)).containsExactly("a", "b", "c");
        first.result();
        third.result();
        assertThat(slowReceiver.dropped()).isEqualTo(1);
    }

    @Test
    void aLimitEndsTheWaitAndDropsTheMessageForTheSlowOne() throws Exception {
        Broadcast<String> limited = Broadcast.builder(fixture.codec)
                .queueMessages(1)
                .whenFull(WhenFull.BLOCK)
                .blockAtMost(Duration.ofMillis(20))
                .build();
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = limited.add(link.connection());
        List<String> sent = fill(receiver);

        limited.send("dropped");
        receiver.send("dropped too");

        assertThat(receiver.dropped()).isEqualTo(2);
        assertThat(receiver.queued()).isEqualTo(1);
        assertThat(link.receive(sent.size())).isEqualTo(sent);
        limited.send("next");
        assertThat(link.peer().receive()).isEqualTo("next");
    }

    @Test
    void aMessageToOneWaitsToo() throws Exception {
        Blocked<Boolean> toAll = blockedSend("a");
        Blocked<Boolean> toOne = new Blocked<>(() -> {
            slowReceiver.send("b");
            return true;
        });
        Blocked<Boolean> toAllAgain = blockedSend("c");

        assertThat(slow.receive(filling.size() + 3)).isEqualTo(join(filling, "a", "b", "c"));
        for (Blocked<Boolean> sender : List.of(toAll, toOne, toAllAgain)) {
            sender.result();
        }
        assertThat(fast.receive(2)).containsExactly("a", "c");
    }

    @Test
    void aMessageToOneFailsIfThatOneIsRemovedFirst() {
        Blocked<Boolean> toOne = new Blocked<>(() -> {
            slowReceiver.send("a");
            return true;
        });

        CompletableFuture<?> unused = slowReceiver.remove();

        assertThatThrownBy(toOne::result)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aLimitOfMoreYearsThanCanBeCountedIsNone() {
        Broadcast<String> patient = Broadcast.builder(fixture.codec)
                .blockAtMost(Duration.ofSeconds(Long.MAX_VALUE))
                .build();

        assertThat(patient.size()).isZero();
    }
}
