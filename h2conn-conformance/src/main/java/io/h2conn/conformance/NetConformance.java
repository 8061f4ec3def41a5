package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What any network connection with deadlines must do, whoever made it: the properties that Go demands of a
 * {@code net.Conn}, in the terms of {@link DuplexConnection}.
 *
 * <p>Each runs three times with each end as the near one; the system property {@code h2conn.rounds} sets another number,
 * such as 200 for a search after rare races.
 */
public abstract class NetConformance extends ConnectionConformance {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final int CALLERS = 8;
    private static final int CALLS = 40;

    /** For subclasses. */
    protected NetConformance() {}

    @BothWays(repeated = true)
    void whatIsEchoedComesBackUnchanged(DuplexConnection near, DuplexConnection far, Scale scale) throws Exception {
        byte[] sent = Bytes.random(scale.bulkBytes());
        Task<Boolean> echo = Task.run(() -> {
            far.input().transferTo(far.output());
            far.closeOutput();
        });
        Task<Boolean> writing = Task.run(() -> {
            near.output().write(sent);
            near.closeOutput();
        });

        byte[] received = Bytes.readToEnd(near);

        assertThat(received.length).isEqualTo(sent.length);
        assertThat(Arrays.equals(received, sent)).isTrue();
        writing.get();
        echo.get();
    }

    @BothWays(repeated = true)
    void aBallGoesBackAndForthAHundredTimes(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Boolean> other = Task.run(() -> {
            for (long i = 0; i < 120; i++) {
                long ball = ByteBuffer.wrap(Bytes.read(far, Long.BYTES)).getLong();
                far.write(ByteBuffer.allocate(Long.BYTES).putLong(ball + 1).flip());
            }
        });
        for (long i = 0; i < 120; i++) {
            near.write(ByteBuffer.allocate(Long.BYTES).putLong(2 * i).flip());
            assertThat(ByteBuffer.wrap(Bytes.read(near, Long.BYTES)).getLong()).isEqualTo(2 * i + 1);
        }
        other.get();
    }

    @BothWays(repeated = true)
    void readersWithJitteringDeadlinesGetEachByteOnce(DuplexConnection near, DuplexConnection far, Scale scale)
            throws Exception {
        AtomicLong sum = new AtomicLong();
        AtomicLong count = new AtomicLong();
        long total = scale.blockBytes();
        Task<Boolean> writing = Task.run(() -> {
            for (long at = 0; at < total; at += 512) {
                far.write(Bytes.pattern(at, 512));
                Thread.onSpinWait();
            }
            far.closeOutput();
        });

        all(CALLERS, () -> {
            for (int i = 0; i < CALLS; i++) {
                near.setReadDeadline(Instant.now().plusNanos(random(1_000_000)));
                ByteBuffer bytes = ByteBuffer.allocate(1 + random(1024));
                try {
                    near.read(bytes);
                } catch (ConnectionTimeoutException e) {
                    assertThat(bytes.position()).isZero();
                }
                tally(bytes.flip(), count, sum);
            }
        });
        near.setReadDeadline(null);
        tally(ByteBuffer.wrap(Bytes.readToEnd(near)), count, sum);

        writing.get();
        assertThat(count.get()).isEqualTo(total);
        assertThat(sum.get()).isEqualTo(patternSum(total));
    }

    @BothWays(repeated = true)
    void writersWithJitteringDeadlinesSendWhatTheySayTheySent(DuplexConnection near, DuplexConnection far)
            throws Exception {
        AtomicLong sent = new AtomicLong();
        AtomicLong sentSum = new AtomicLong();
        AtomicLong received = new AtomicLong();
        AtomicLong receivedSum = new AtomicLong();
        Task<Boolean> reading = Task.run(() -> {
            ByteBuffer bytes = ByteBuffer.allocate(2048);
            while (far.read(bytes.clear()) >= 0) {
                tally(bytes.flip(), received, receivedSum);
            }
        });

        all(CALLERS, () -> {
            for (int i = 0; i < CALLS; i++) {
                near.setWriteDeadline(Instant.now().plusNanos(random(1_000_000)));
                byte[] block = new byte[1 + random(256)];
                ThreadLocalRandom.current().nextBytes(block);
                ByteBuffer bytes = ByteBuffer.wrap(block);
                try {
                    assertThat(near.write(bytes)).isEqualTo(block.length);
                } catch (ConnectionTimeoutException e) {
                    assertThat(e.bytesTransferred).isEqualTo(bytes.position());
                }
                tally(bytes.flip(), sent, sentSum);
            }
        });
        near.setWriteDeadline(null);
        near.closeOutput();

        reading.get();
        assertThat(received.get()).isEqualTo(sent.get());
        assertThat(receivedSum.get()).isEqualTo(sentSum.get());
    }

    @BothWays(repeated = true)
    void aReadTimesOutAndWorksAgain(DuplexConnection near, DuplexConnection far) throws Exception {
        long start = System.nanoTime();
        near.setReadDeadline(Instant.now().plus(SHORT));
        assertTimesOut(() -> near.read(ByteBuffer.allocate(8)));
        assertThat(System.nanoTime() - start).isGreaterThan(SHORT.toNanos() / 2);

        assertThat(near.write(Bytes.of("other way"))).isEqualTo(9);
        near.setReadDeadline(null);
        far.write(Bytes.of("again"));
        assertThat(Bytes.readText(near, 5)).isEqualTo("again");
        assertThat(Bytes.readText(far, 9)).isEqualTo("other way");
    }

    @BothWays(repeated = true)
    void aWriteTimesOutAndWorksAgain(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setWriteDeadline(Instant.now().plus(SHORT));
        long accepted = writeUntilTimeout(near, 0);

        near.setWriteDeadline(null);
        Task<Boolean> writing = Task.run(() -> near.write(Bytes.pattern(accepted, 100)));
        Bytes.readPattern(far, 0, accepted + 100);
        writing.get();
    }

    @BothWays(repeated = true)
    void aDeadlineInThePastEndsEveryCallAtOnce(DuplexConnection near, DuplexConnection far) throws Exception {
        far.write(Bytes.of("there"));
        for (Instant past : List.of(Instant.now().minusSeconds(60), Instant.EPOCH)) {
            near.setDeadline(past);
            ByteBuffer in = ByteBuffer.allocate(8);
            ByteBuffer out = Bytes.of("out");
            assertTimesOut(() -> near.read(in));
            assertTimesOut(() -> near.write(out));
            assertThat(in.position()).isZero();
            assertThat(out.position()).isZero();
        }

        near.setDeadline(null);
        assertThat(Bytes.readText(near, 5)).isEqualTo("there");
        near.write(Bytes.of("back"));
        assertThat(Bytes.readText(far, 4)).isEqualTo("back");
    }

    @BothWays(repeated = true)
    void aDeadlineOfNowWakesCallsThatWait(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading = Task.start(() -> near.read(ByteBuffer.allocate(8)));
        Flood flood = Flood.into(near).awaitStalled();
        reading.awaitBlocked();

        near.setDeadline(Instant.now());

        assertThat(reading.failure()).isInstanceOf(ConnectionTimeoutException.class);
        assertThat(flood.failure()).isInstanceOf(ConnectionTimeoutException.class);
        near.setDeadline(null);
        Bytes.readPattern(far, 0, flood.accepted());
    }

    @BothWays(repeated = true)
    void aDeadlineAheadFiresOnceReachedAndStaysReached(DuplexConnection near, DuplexConnection far) throws Exception {
        near.setDeadline(Instant.now().plus(SHORT));
        Task<Integer> reading = Task.start(() -> near.read(ByteBuffer.allocate(8)));
        long accepted = writeUntilTimeout(near, 0);
        assertThat(reading.failure()).isInstanceOf(ConnectionTimeoutException.class);

        for (int i = 0; i < 3; i++) {
            assertTimesOut(() -> near.read(ByteBuffer.allocate(8)));
            assertTimesOut(() -> near.write(Bytes.of("late")));
        }
        near.setDeadline(Instant.now().plusSeconds(60));
        far.write(Bytes.of("on time"));
        assertThat(Bytes.readText(near, 7)).isEqualTo("on time");
        Bytes.readPattern(far, 0, accepted);
    }

    @BothWays(repeated = true)
    void aCloseWakesCallsThatWait(DuplexConnection near, DuplexConnection far) throws Exception {
        Task<Integer> reading = Task.start(() -> near.read(ByteBuffer.allocate(8)));
        Flood flood = Flood.into(near).awaitStalled();
        reading.awaitBlocked();

        Task<Boolean> closing = Task.run(near::close);

        assertThat(reading.failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThat(flood.failure()).isInstanceOf(AsynchronousCloseException.class);
        // The flood was cut in the middle of a write, so the peer must not see an orderly end.
        Task<Long> farReading = Task.start(() -> Bytes.readPatternToEnd(far, 0));
        assertThat(farReading.failure()).isInstanceOf(IOException.class);
        Await.until(closing::isDone, "close returns");
    }

    @BothWays(repeated = true)
    void allMethodsMayBeCalledAtTheSameTime(DuplexConnection near, DuplexConnection far) throws Exception {
        AtomicLong sent = new AtomicLong();
        AtomicLong received = new AtomicLong();
        Task<Long> farReading = Task.start(() -> {
            long total = 0;
            ByteBuffer bytes = ByteBuffer.allocate(512);
            for (int n = far.read(bytes); n >= 0; n = far.read(bytes.clear())) {
                total += n;
            }
            return total;
        });
        Task<Long> farWriting = Task.start(() -> {
            long total = 0;
            for (; total < 20_000; total += 50) {
                far.write(ByteBuffer.allocate(50));
            }
            far.closeOutput();
            return total;
        });

        EveryMethod calls = new EveryMethod(near, sent, received);
        all(2 * CALLERS, () -> {
            for (int i = 0; i < CALLS; i++) {
                calls.callOne(random(EveryMethod.COUNT));
            }
        });
        near.setDeadline(null);
        calls.awaitAsyncCalls();
        near.closeOutput();
        received.addAndGet(Bytes.readToEnd(near).length);

        assertThat(farReading.get()).isEqualTo(sent.get());
        assertThat(received.get()).isEqualTo(farWriting.get());
    }

    private static void assertTimesOut(Task.Action call) {
        try {
            call.run();
        } catch (Exception e) {
            assertThat(e).isInstanceOf(ConnectionTimeoutException.class).isInstanceOf(SocketTimeoutException.class);
            assertThat(((ConnectionTimeoutException) e).bytesTransferred).isZero();
            return;
        }
        throw new AssertionError("the call must time out, but returned");
    }

    /** Writes the pattern from a position on, and returns the position it got to. */
    private static long writeUntilTimeout(DuplexConnection connection, long from) throws IOException {
        long at = from;
        while (true) {
            ByteBuffer piece = Bytes.pattern(at, 4096);
            try {
                connection.write(piece);
            } catch (ConnectionTimeoutException e) {
                assertThat(e.bytesTransferred).isEqualTo(piece.position());
                return at + piece.position();
            }
            at += piece.limit();
        }
    }

    private static void all(int threads, Task.Action body) throws Exception {
        List<Task<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            tasks.add(Task.run(body));
        }
        for (Task<Boolean> task : tasks) {
            task.get();
        }
    }

    private static int random(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }

    /** Counts bytes, and adds them up: enough to see one lost, made up or given out twice, in whatever order. */
    private static void tally(ByteBuffer bytes, AtomicLong count, AtomicLong sum) {
        count.addAndGet(bytes.remaining());
        long added = 0;
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            added += bytes.get(i);
        }
        sum.addAndGet(added);
    }

    private static long patternSum(long count) {
        long sum = 0;
        for (long i = 0; i < count; i++) {
            sum += Bytes.patternAt(i);
        }
        return sum;
    }
}
