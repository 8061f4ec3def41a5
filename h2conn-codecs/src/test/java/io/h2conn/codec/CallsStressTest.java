package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that cross with whatever ends them. */
@Timeout(120)
class CallsStressTest {
    private static final int ROUNDS = Integer.getInteger("h2conn.rounds", 200);

    private static final Codec<Long> LONGS = new Codec<>() {
        @Override
        public void encode(Long message, MessageOutput output) throws IOException {
            output.writeLong(message);
        }

        @Override
        public Long decode(ByteBuffer message) {
            return message.getLong();
        }
    };

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static CompletableFuture<Long> negative(Long request, Calls<Long, Long> calls) {
        return CompletableFuture.completedFuture(-request);
    }

    @Test
    void eightThreadsMakeTenThousandCallsEachInBothDirections() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        try (Calls<Long, Long> server = Calls.over(pair.server(), LONGS, LONGS, CallsStressTest::negative);
                Calls<Long, Long> client = Calls.over(pair.client(), LONGS, LONGS, CallsStressTest::negative)) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                Calls<Long, Long> calls = t % 2 == 0 ? client : server;
                long first = t * 10_000L + 1;
                done.add(threads.submit(() -> {
                    for (long i = first; i < first + 10_000; i++) {
                        assertThat(calls.call(i)).isEqualTo(-i);
                    }
                    return null;
                }));
            }
            for (Future<?> each : done) {
                each.get(100, TimeUnit.SECONDS);
            }
            assertThat(client.droppedReplies()).isZero();
        }
    }

    @Test
    void repliesTimeoutsAndCancellationsCrossWithoutLeavingAnythingBehind() throws Exception {
        DuplexConnection.Pair pair = DuplexConnection.pair();
        CallOptions options = CallOptions.defaults().withMaxCalls(64).withMaxPeerCalls(64);
        CallHandler<Long, Long> sometime = (request, calls) -> {
            CompletableFuture<Long> answer = new CompletableFuture<>();
            if (request % 3 == 0) {
                answer.complete(-request);
            } else {
                threads.execute(() -> answer.complete(-request));
            }
            return answer;
        };
        Calls<Long, Long> server = Calls.over(pair.server(), LONGS, LONGS, sometime, options);
        Calls<Long, Long> client = Calls.over(pair.client(), LONGS, LONGS, sometime, options);

        for (int round = 0; round < ROUNDS; round++) {
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (long i = 0; i < 60; i++) {
                Calls<Long, Long> calls = i % 2 == 0 ? client : server;
                long request = i + 1;
                Duration timeout = i % 5 == 0
                        ? Duration.ofNanos(1 + ThreadLocalRandom.current().nextInt(200_000))
                        : Duration.ZERO;
                CompletableFuture<Long> call = calls.callAsync(request, timeout);
                if (i % 5 == 1) {
                    threads.execute(() -> call.cancel(false));
                }
                all.add(call.handle((answer, failure) -> {
                    assertThat(
                                    failure == null
                                            ? answer == -request
                                            : failure instanceof CancellationException
                                                    || failure instanceof CallTimeoutException
                                                    || busy(failure))
                            .as("%s %s", answer, failure)
                            .isTrue();
                    return null;
                }));
            }
            CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(20, TimeUnit.SECONDS);
        }

        CompletableFuture.allOf(client.closeAsync(), server.closeAsync()).get(20, TimeUnit.SECONDS);
        assertThat(client.ownCalls.isIdle()).isTrue();
        assertThat(server.ownCalls.isIdle()).isTrue();
        assertThat(client.peerCalls.isIdle()).isTrue();
        assertThat(server.peerCalls.isIdle()).isTrue();
        assertThat(client.ownCalls.waiting() + server.ownCalls.waiting()).isZero();
        assertThat(client.peerCalls.inProgress() + server.peerCalls.inProgress())
                .isZero();
        assertThat(pair.client()
                        .closed()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .isOrderly())
                .isTrue();
    }

    private static boolean busy(Throwable failure) {
        return failure instanceof CallException e && e.reason() == CallException.Reason.BUSY;
    }

    @Test
    void noCallHangsThatBeginsWhileTheConnectionEnds() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            DuplexConnection.Pair pair = DuplexConnection.pair();
            int how = round % 6;
            CallHandler<Long, Long> handler =
                    round % 2 == 0 ? CallsStressTest::negative : (request, calls) -> new CompletableFuture<>();
            Calls<Long, Long> server = Calls.over(
                    pair.server(), LONGS, LONGS, handler, CallOptions.defaults().withTimeout(Duration.ofMillis(20)));
            Calls<Long, Long> client = Calls.over(
                    pair.client(), LONGS, LONGS, handler, CallOptions.defaults().withTimeout(Duration.ofMillis(20)));
            CyclicBarrier start = new CyclicBarrier(3);
            List<Future<List<CompletableFuture<Long>>>> callers = new ArrayList<>();
            for (Calls<Long, Long> calls : List.of(client, server)) {
                callers.add(threads.submit(() -> {
                    List<CompletableFuture<Long>> made = new ArrayList<>();
                    start.await();
                    for (long i = 1; i <= 50; i++) {
                        made.add(calls.callAsync(i, Duration.ZERO));
                    }
                    return made;
                }));
            }
            start.await();
            switch (how) {
                case 0 -> pair.server().abort();
                case 1 -> pair.client().closeOutput();
                case 2 -> {
                    CompletableFuture<?> unused = client.closeAsync();
                }
                case 3 -> {
                    CompletableFuture<?> unused = CompletableFuture.allOf(server.closeAsync(), client.closeAsync());
                }
                case 4 -> {
                    CompletableFuture<?> unused = pair.client().closeAsync();
                }
                default -> pair.client().abort();
            }

            for (Future<List<CompletableFuture<Long>>> made : callers) {
                for (CompletableFuture<Long> call : made.get(10, TimeUnit.SECONDS)) {
                    try {
                        assertThat(call.get(10, TimeUnit.SECONDS)).isNegative();
                    } catch (ExecutionException e) {
                        assertThat(e.getCause()).isInstanceOf(IOException.class);
                    }
                }
            }
            for (Calls<Long, Long> calls : List.of(client, server)) {
                calls.closed()
                        .toCompletableFuture()
                        .handle((done, failure) -> true)
                        .get(10, TimeUnit.SECONDS);
                assertThat(calls.ownCalls.waiting()).isZero();
            }
        }
    }
}
