package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.BroadcastFixture.Link;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many senders and many receivers at the same time. */
@Timeout(60)
class BroadcastStressTest {
    private static final int SENDERS = 4;
    private static final String END = "end";

    private final BroadcastFixture fixture = new BroadcastFixture();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() throws InterruptedException {
        fixture.close();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private Future<List<String>> readAll(Link link) {
        return threads.submit(() -> {
            List<String> received = new ArrayList<>();
            for (String message = link.peer().receive();
                    message != null && !message.equals(END);
                    message = link.peer().receive()) {
                received.add(message);
            }
            return received;
        });
    }

    private List<Future<?>> startSenders(Broadcast<String> feed, int messages) {
        List<Future<?>> senders = new ArrayList<>();
        for (int s = 0; s < SENDERS; s++) {
            String name = "s" + s + "-";
            senders.add(threads.submit(() -> {
                for (int i = 0; i < messages; i++) {
                    feed.send(name + i);
                }
                return null;
            }));
        }
        return senders;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static void inOrderOfEachSender(List<String> received, int messages) {
        for (int s = 0; s < SENDERS; s++) {
            String name = "s" + s + "-";
            assertThat(received.stream()
                            .filter(message -> message.startsWith(name))
                            .toList())
                    .isEqualTo(
                            IntStream.range(0, messages).mapToObj(i -> name + i).toList());
        }
    }

    @RepeatedTest(20)
    void concurrentSendersHaveOneOrderForAllReceivers() throws Exception {
        Broadcast<String> feed = Broadcast.builder(fixture.codec)
                .queueMessages(2)
                .whenFull(WhenFull.BLOCK)
                .build();
        List<Future<List<String>>> readers = new ArrayList<>();
        for (int windowBytes : new int[] {1, 30, 100, 5_000, 100_000}) {
            Link link = fixture.link(windowBytes);
            feed.add(link.connection());
            readers.add(readAll(link));
        }

        for (Future<?> sender : startSenders(feed, 100)) {
            get(sender);
        }
        feed.send(END);

        List<String> order = get(readers.get(0));
        inOrderOfEachSender(order, 100);
        for (Future<List<String>> reader : readers) {
            assertThat(get(reader)).isEqualTo(order);
        }
    }

    @RepeatedTest(20)
    void whatIsLeftAfterDroppingIsInTheSameOrderForAll() throws Exception {
        Broadcast<String> feed = Broadcast.builder(fixture.codec)
                .queueMessages(5)
                .whenFull(WhenFull.DROP_OLDEST)
                .build();
        Link roomy = fixture.link(100_000);
        List<Link> small = List.of(fixture.link(1), fixture.link(50), fixture.link(1_000));
        Broadcast.Receiver<String> complete = feed.add(roomy.connection(), WhenFull.BLOCK);
        small.forEach(link -> feed.add(link.connection()));
        List<Future<List<String>>> readers = small.stream().map(this::readAll).toList();

        for (Future<?> sender : startSenders(feed, 200)) {
            get(sender);
        }
        feed.send(END);

        List<String> order = get(readAll(roomy));
        inOrderOfEachSender(order, 200);
        assertThat(complete.dropped()).isZero();
        for (Future<List<String>> reader : readers) {
            assertThat(order).containsSubsequence(get(reader));
        }
    }

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void receiversComeAndGoUnderLoad(WhenFull whenFull) throws Exception {
        Broadcast<String> feed = Broadcast.builder(fixture.codec)
                .queueMessages(4)
                .whenFull(whenFull)
                .coalesceBy(message -> message.length() % 3 == 0 ? message.charAt(1) : null)
                .build();
        List<Future<?>> senders = startSenders(feed, 5_000);
        List<Future<?>> visitors = new ArrayList<>();
        for (int v = 0; v < 4; v++) {
            visitors.add(threads.submit((Callable<Void>) () -> {
                for (int round = 0; round < 200; round++) {
                    visit(feed, round);
                }
                return null;
            }));
        }

        for (Future<?> visitor : visitors) {
            get(visitor);
        }
        for (Future<?> sender : senders) {
            get(sender);
        }

        assertThat(feed.size()).isZero();
    }

    /** Joins, may read some, and leaves in one way or another. */
    private void visit(Broadcast<String> feed, int round) throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair(
                200, ConnectionOptions.defaults().sendBufferBytes(100).gatherWrites(round % 2 == 0));
        MessageConnection<String, String> peer = MessageConnection.of(pair.server(), fixture.codec);
        Broadcast.Receiver<String> receiver = feed.add(MessageConnection.of(pair.client(), fixture.codec));
        try {
            switch (ThreadLocalRandom.current().nextInt(3)) {
                case 0 -> {
                    List<String> received = new ArrayList<>();
                    CompletableFuture<?> all = peer.listen(message -> {
                        received.add(message);
                        return null;
                    });
                    receiver.send("hello");
                    receiver.remove().get(10, TimeUnit.SECONDS);
                    pair.client().closeOutput();
                    all.get(10, TimeUnit.SECONDS);
                    if (receiver.dropped() == 0) {
                        assertThat(received).contains("hello");
                    }
                }
                case 1 -> pair.server().abort();
                default -> {
                    CompletableFuture<?> unused = receiver.remove();
                }
            }
        } catch (IOException | ExecutionException e) {
            pair.client().closed().toCompletableFuture().get(10, TimeUnit.SECONDS); // disconnected for being slow
        } finally {
            pair.client().abort();
        }
        receiver.ended().handle((done, failure) -> null).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void whoIsRemovedWhileOthersSendIsDoneSoon() throws Exception {
        Broadcast<String> feed =
                Broadcast.builder(fixture.codec).whenFull(WhenFull.DROP_OLDEST).build();
        Link link = fixture.link(100_000);
        CompletableFuture<?> unused = link.peer().listen(message -> null);
        for (int i = 0; i < 3; i++) {
            threads.execute(() -> {
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        feed.send("x");
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }

        for (int i = 0; i < 10_000; i++) {
            feed.add(link.connection()).remove().get(10, TimeUnit.SECONDS);
        }

        assertThat(feed.size()).isZero();
    }

    @Test
    void tenThousandReceiversGetAMessageThatIsEncodedOnce() throws Exception {
        Broadcast<String> feed = Broadcast.builder(fixture.codec).build();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Link link = fixture.link(200);
            links.add(link);
            feed.add(link.connection());
        }

        feed.send("one");
        feed.send("two");

        for (Link link : links) {
            assertThat(link.receive(2)).containsExactly("one", "two");
        }
        assertThat(fixture.codec.encoded).hasValue(2);
        feed.removeAll().get(20, TimeUnit.SECONDS);
        assertThat(feed.size()).isZero();
    }
}
