package io.h2conn.codec;

import static io.h2conn.codec.BroadcastFixture.SMALL;
import static io.h2conn.codec.BroadcastFixture.fill;
import static io.h2conn.codec.BroadcastFixture.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionClosedException;
import io.h2conn.ConnectionResetException;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import io.h2conn.codec.BroadcastFixture.Link;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What receivers get, and what they miss, when one of them does not read. */
@Timeout(30)
class BroadcastTest {
    private final BroadcastFixture fixture = new BroadcastFixture();

    @AfterEach
    void end() {
        fixture.close();
    }

    private Broadcast.Builder<String> builder() {
        return Broadcast.builder(fixture.codec);
    }

    private Broadcast<String> feed(WhenFull whenFull) {
        return builder().queueMessages(3).whenFull(whenFull).build();
    }

    private static void send(Broadcast<String> feed, String... messages) throws IOException {
        for (String message : messages) {
            feed.send(message);
        }
    }

    private static @Nullable Throwable failure(CompletionStage<?> stage) throws Exception {
        try {
            stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    // ---------------------------------------------------------------- the usual case

    @Test
    void everybodyGetsEveryMessageThatWasEncodedOnce() throws Exception {
        Broadcast<String> feed = builder().build();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Link link = fixture.link(1000);
            links.add(link);
            feed.add(link.connection());
        }

        send(feed, "one", "two");

        for (Link link : links) {
            assertThat(link.receive(2)).containsExactly("one", "two");
        }
        assertThat(fixture.codec.encoded).hasValue(2);
        assertThat(feed.size()).isEqualTo(50);
    }

    @Test
    void aMessageToOneHasItsPlaceAmongThoseToAll() throws Exception {
        Broadcast<String> feed = builder().build();
        Link one = fixture.link(SMALL);
        Link other = fixture.link(1000);
        Broadcast.Receiver<String> receiver = feed.add(one.connection());
        feed.add(other.connection());
        List<String> filling = fill(receiver);

        feed.send("before");
        receiver.send("for one");
        feed.send("after");

        assertThat(one.receive(filling.size() + 3)).isEqualTo(join(filling, "before", "for one", "after"));
        assertThat(other.receive(2)).containsExactly("before", "after");
    }

    @Test
    void whoJoinsLateGetsWhatIsSentFromThenOn() throws Exception {
        Broadcast<String> feed = builder().build();
        Link link = fixture.link(1000);
        feed.send("missed");
        feed.add(link.connection());
        feed.send("seen");

        assertThat(link.peer().receive()).isEqualTo("seen");
    }

    @Test
    void aConnectionWithAnotherCodecIsRefused() {
        Broadcast<String> feed = Broadcast.builder(JsonCodec.of(String.class)).build();
        Link link = fixture.link(1000);

        assertThatThrownBy(() -> feed.add(link.connection()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the same codec");
        assertThat(feed.size()).isZero();
    }

    @Test
    void aMessageThatCannotBeEncodedIsSentToNobody() throws Exception {
        Broadcast<String> feed =
                Broadcast.builder(fixture.codec.withMaxMessageBytes(5)).build();

        assertThatThrownBy(() -> feed.send("too large")).isInstanceOf(MessageTooLargeException.class);
    }

    // ---------------------------------------------------------------- policies

    @Test
    void theOldestMessageIsDropped() throws Exception {
        Broadcast<String> feed = feed(WhenFull.DROP_OLDEST);
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        List<String> filling = fill(receiver);

        send(feed, "a", "b", "c", "d");

        assertThat(receiver.queued()).isEqualTo(3);
        assertThat(receiver.dropped()).isEqualTo(2);
        assertThat(feed.dropped()).isEqualTo(2);
        List<String> written = filling.subList(0, filling.size() - 1);
        assertThat(link.receive(written.size() + 3)).isEqualTo(join(written, "b", "c", "d"));
    }

    @Test
    void theNewestMessageIsDropped() throws Exception {
        Broadcast<String> feed = feed(WhenFull.DROP_NEWEST);
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        List<String> filling = fill(receiver);

        send(feed, "a", "b", "c", "d");

        assertThat(receiver.dropped()).isEqualTo(2);
        assertThat(link.receive(filling.size() + 2)).isEqualTo(join(filling, "a", "b"));
        feed.send("e");
        assertThat(link.peer().receive()).isEqualTo("e");
    }

    @Test
    void aSlowReceiverIsDisconnected() throws Exception {
        Broadcast<String> feed = feed(WhenFull.DISCONNECT);
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        fill(receiver);

        send(feed, "a", "b");
        assertThat(feed.size()).isEqualTo(1);
        feed.send("c");

        assertThat(feed.size()).isZero();
        assertThat(failure(receiver.ended())).isInstanceOfSatisfying(ConnectionResetException.class, e -> {
            assertThat(e.origin()).isEqualTo(Origin.LOCAL);
            assertThat(e.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        });
        assertThatThrownBy(link.peer()::receive)
                .isInstanceOfSatisfying(
                        ConnectionResetException.class,
                        e -> assertThat(e.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM));
        assertThatThrownBy(() -> receiver.send("d")).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aReceiverMayHaveAPolicyOfItsOwn() throws Exception {
        Broadcast<String> feed = feed(WhenFull.DISCONNECT);
        Broadcast.Receiver<String> receiver = feed.add(fixture.link(SMALL).connection(), WhenFull.DROP_NEWEST);
        fill(receiver);

        send(feed, "a", "b", "c", "d");

        assertThat(receiver.dropped()).isEqualTo(2);
        assertThat(feed.size()).isEqualTo(1);
    }

    @Test
    void aMessageReplacesTheOneWithItsKeyWhereThatWaits() throws Exception {
        Broadcast<String> feed = builder()
                .queueMessages(3)
                .whenFull(WhenFull.DISCONNECT)
                .coalesceBy(message -> message.startsWith("fill") ? null : message.charAt(0))
                .build();
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        List<String> filling = fill(receiver);

        send(feed, "a1", "b1", "a2", "b2", "a3");

        assertThat(receiver.queued()).isEqualTo(3);
        assertThat(receiver.coalesced()).isEqualTo(3);
        assertThat(feed.coalesced()).isEqualTo(3);
        assertThat(receiver.dropped()).isZero();
        assertThat(link.receive(filling.size() + 2)).isEqualTo(join(filling, "a3", "b2"));
    }

    @Test
    void theBytesThatWaitAreBounded() throws Exception {
        // Each message is 4 bytes longer on the wire; the one that fills the queue first has 6 or 7.
        Broadcast<String> feed =
                builder().queueBytes(30).whenFull(WhenFull.DROP_NEWEST).build();
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        List<String> filling = fill(receiver);

        send(feed, "0123456789", "0123456789", "x");

        assertThat(receiver.dropped()).isEqualTo(1);
        assertThat(link.receive(filling.size() + 2)).isEqualTo(join(filling, "0123456789", "x"));
    }

    @Test
    void aMessageLargerThanTheQueueHasRoomInAnEmptyOne() throws Exception {
        Broadcast<String> feed =
                builder().queueBytes(1).whenFull(WhenFull.DROP_OLDEST).build();
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        List<String> filling = fill(receiver);
        String large = "x".repeat(1000);

        feed.send(large);

        List<String> written = filling.subList(0, filling.size() - 1);
        assertThat(link.receive(written.size() + 1)).isEqualTo(join(written, large));
    }

    // ---------------------------------------------------------------- slow receivers and the others

    @Test
    void aStoppedReaderDelaysNobody() throws Exception {
        Broadcast<String> feed = feed(WhenFull.DROP_OLDEST);
        Link stuck = fixture.link(SMALL);
        List<Link> others = List.of(fixture.link(100_000), fixture.link(100_000), fixture.link(100_000));
        feed.add(others.get(0).connection());
        Broadcast.Receiver<String> receiver = feed.add(stuck.connection());
        feed.add(others.get(1).connection());
        feed.add(others.get(2).connection());
        fill(receiver);

        List<String> sent = IntStream.range(0, 1000).mapToObj(i -> "m" + i).toList();
        for (String message : sent) {
            feed.send(message);
        }

        for (Link other : others) {
            assertThat(other.receive(1000)).isEqualTo(sent);
        }
        assertThat(receiver.queued()).isEqualTo(3);
    }

    @Test
    void receiversThatDoNotReadHoldNoThreads() throws Exception {
        Broadcast<String> feed = feed(WhenFull.DROP_OLDEST);
        int threads = Thread.getAllStackTraces().size();
        for (int i = 0; i < 500; i++) {
            fill(feed.add(fixture.link(SMALL).connection()));
        }

        for (int i = 0; i < 10; i++) {
            feed.send("x");
        }

        // The library's timer and the test's own watchdog, and nothing for each receiver.
        assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 10);
    }

    @Test
    void thousandsOfMessagesThatWaitAreSentWhenTheReaderGoesOn() throws Exception {
        Broadcast<String> feed = builder().queueMessages(50_000).build();
        Link link = fixture.link(1000);
        feed.add(link.connection());
        List<String> sent = IntStream.range(0, 50_000).mapToObj(i -> "m" + i).toList();

        for (String message : sent) {
            feed.send(message);
        }

        assertThat(link.receive(50_000)).isEqualTo(sent);
    }

    @Test
    void whatAReceiverHasDroppedIsNotKeptInMemory() throws Exception {
        List<WeakReference<Object>> keys = new ArrayList<>();
        Broadcast<String> feed = builder()
                .queueMessages(1)
                .whenFull(WhenFull.DROP_NEWEST)
                .coalesceBy(message -> {
                    Object key = new Object();
                    keys.add(new WeakReference<>(key));
                    return key;
                })
                .build();
        Broadcast.Receiver<String> receiver = feed.add(fixture.link(SMALL).connection());
        int filling = fill(receiver).size();

        for (int i = 0; i < 100; i++) {
            feed.send("dropped");
        }

        assertThat(receiver.dropped()).isEqualTo(100);
        // The last one stays as the end of the log.
        for (WeakReference<Object> key : keys.subList(filling, filling + 99)) {
            while (key.get() != null) {
                System.gc();
            }
        }
        assertThat(receiver.queued()).isEqualTo(1);
    }

    @Test
    void smallMessagesThatWaitGoOutInOneWriteAndLargeOnesAlone() {
        WaitingMessages waiting = new WaitingMessages(100, 100_000);
        for (int size : new int[] {10, 20, 16_354, 1, 20_000, 20_000}) {
            waiting.put(new EncodedMessage(new byte[size], null));
        }

        List<Integer> writes = new ArrayList<>();
        while (!waiting.isEmpty()) {
            writes.add(waiting.removeForOneWrite().remaining());
        }

        assertThat(writes).containsExactly(16_384, 1, 20_000, 20_000);
        assertThat(waiting.bytes()).isZero();
    }

    // ---------------------------------------------------------------- leaving

    @Test
    void whoIsRemovedGetsWhatWasQueuedAndNoMore() throws Exception {
        Broadcast<String> feed = builder().build();
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        List<String> filling = fill(receiver);
        feed.send("last");

        CompletableFuture<@Nullable Void> removed = receiver.remove();
        feed.send("too late");

        assertThat(feed.size()).isZero();
        assertThat(removed).isNotDone();
        assertThatThrownBy(() -> receiver.send("too late")).isInstanceOf(ConnectionClosedException.class);
        assertThat(link.receive(filling.size() + 1)).isEqualTo(join(filling, "last"));
        removed.get(10, TimeUnit.SECONDS);
        link.connection().closeOutput();
        assertThat(link.peer().receive()).isNull();
        assertThat(receiver.remove().thenApply(done -> "again").get(10, TimeUnit.SECONDS))
                .isEqualTo("again");
    }

    @Test
    void allAreRemovedTogetherAfterAGoodbye() throws Exception {
        Broadcast<String> feed = builder().build();
        Link link = fixture.link(1000);
        Link broken = fixture.link(1000);
        feed.add(link.connection());
        feed.add(broken.connection());
        broken.peer().connection().abort();

        feed.send("goodbye");
        feed.removeAll().get(10, TimeUnit.SECONDS);

        assertThat(feed.size()).isZero();
        assertThat(link.peer().receive()).isEqualTo("goodbye");
    }

    @Test
    void aReceiverWhoseConnectionBreaksRemovesItself() throws Exception {
        Broadcast<String> feed = builder().build();
        Link broken = fixture.link(SMALL);
        Link other = fixture.link(1000);
        Broadcast.Receiver<String> receiver = feed.add(broken.connection());
        feed.add(other.connection());
        fill(receiver);

        broken.peer().connection().abort();

        assertThat(failure(receiver.ended())).isInstanceOf(ConnectionResetException.class);
        assertThat(feed.size()).isEqualTo(1);
        feed.send("still here");
        assertThat(other.peer().receive()).isEqualTo("still here");
    }

    @Test
    void aReceiverWhoseConnectionEndsInAnOrderlyWayRemovesItself() throws Exception {
        Broadcast<String> feed = builder().build();
        Link link = fixture.link(1000);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        feed.send("last");

        link.peer().close();
        link.connection().close();

        assertThat(failure(receiver.ended())).isNull();
        assertThat(feed.size()).isZero();
    }

    @Test
    void aReceiverWhoseOutputTheApplicationHasEndedFails() throws Exception {
        Broadcast<String> feed = builder().build();
        Link link = fixture.link(1000);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        link.connection().closeOutput();

        feed.send("too late");

        assertThat(failure(receiver.ended())).isInstanceOf(ConnectionClosedException.class);
        assertThat(feed.size()).isZero();
    }

    @Test
    void aReceiverWhoseWriteTimesOutFailsAndItsMessageIsNotCut() throws Exception {
        Broadcast<String> feed = builder().build();
        Link link = fixture.link(SMALL);
        Broadcast.Receiver<String> receiver = feed.add(link.connection());
        link.connection().connection().setWriteTimeout(Duration.ofMillis(20));
        String large = "x".repeat(1000);

        feed.send(large);

        assertThat(failure(receiver.ended())).isInstanceOf(ConnectionTimeoutException.class);
        assertThat(feed.size()).isZero();
        link.connection().connection().setWriteTimeout(Duration.ZERO);
        CompletableFuture<@Nullable Void> next = link.connection().sendAsync("next");
        assertThat(link.receive(2)).containsExactly(large, "next");
        next.get(10, TimeUnit.SECONDS);
    }

    @Test
    void messagesSentByOtherMeansDoNotMixWithBroadcasts() throws Exception {
        Broadcast<String> feed = builder().queueMessages(10_000).build();
        Link link = fixture.link(SMALL);
        feed.add(link.connection());
        CompletableFuture<Void> direct = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < 1000; i++) {
                    link.connection().send("direct " + i);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        for (int i = 0; i < 1000; i++) {
            feed.send("broadcast " + i);
        }

        List<String> received = link.receive(2000);

        direct.get(10, TimeUnit.SECONDS);
        for (String kind : List.of("direct ", "broadcast ")) {
            assertThat(received.stream()
                            .filter(message -> message.startsWith(kind))
                            .toList())
                    .isEqualTo(IntStream.range(0, 1000).mapToObj(i -> kind + i).toList());
        }
    }
}
