package io.h2conn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionOptions;
import io.h2conn.ConnectionTimeoutException;
import io.h2conn.DuplexConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * A wake-up that reaches a thread whose time is up at the same moment must go on to the next. The two moments are brought
 * close to each other many times over.
 */
class PassedOnWakeUpTest {
    private static final int ROUNDS = 1_000;
    private static final Duration LIMIT = Duration.ofMillis(1);

    @Test
    void aReaderThatTimesOutLeavesTheBytesToTheNextReader() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            DuplexConnection.Pair pair = DuplexConnection.pair();
            DuplexConnection connection = pair.server();

            connection.setReadTimeout(LIMIT);
            FutureTask<Integer> hasty = start(() -> readOrTimeOut(connection));
            awaitWaiting(connection, hasty);
            connection.setReadTimeout(Duration.ZERO);
            FutureTask<Integer> patient = start(() -> connection.read(ByteBuffer.allocate(1)));
            park(round);
            pair.client().write(ByteBuffer.allocate(1));

            if (hasty.get(10, TimeUnit.SECONDS) == 1) {
                pair.client().write(ByteBuffer.allocate(1));
            }
            assertThat(patient.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            pair.client().abort();
        }
    }

    @Test
    void aWriterThatTimesOutLeavesTheTurnToTheNextWriter() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            DuplexConnection.Pair pair =
                    DuplexConnection.pair(1, ConnectionOptions.defaults().sendBufferBytes(1));
            DuplexConnection connection = pair.client();

            FutureTask<Integer> owner = start(() -> connection.write(ByteBuffer.allocate(3)));
            pair.server().read(ByteBuffer.allocate(1));
            connection.setWriteTimeout(LIMIT);
            FutureTask<Integer> hasty = start(() -> writeOrTimeOut(connection));
            park(1);
            connection.setWriteTimeout(Duration.ZERO);
            FutureTask<Integer> patient = start(() -> connection.write(ByteBuffer.allocate(1)));
            park(round);
            FutureTask<Integer> drain = start(() -> pair.server().input().readNBytes(3).length);

            assertThat(owner.get(10, TimeUnit.SECONDS)).isEqualTo(3);
            hasty.get(10, TimeUnit.SECONDS);
            assertThat(patient.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(drain.get(10, TimeUnit.SECONDS)).isEqualTo(3);
            pair.client().abort();
        }
    }

    private static int readOrTimeOut(DuplexConnection connection) throws Exception {
        try {
            return connection.read(ByteBuffer.allocate(1));
        } catch (ConnectionTimeoutException e) {
            return 0;
        }
    }

    private static int writeOrTimeOut(DuplexConnection connection) throws Exception {
        try {
            return connection.write(ByteBuffer.allocate(1));
        } catch (ConnectionTimeoutException e) {
            return 0;
        }
    }

    /** The first to wait is the first to be woken. */
    private static void awaitWaiting(DuplexConnection connection, FutureTask<Integer> reader) {
        while (!reader.isDone() && !((Engine) connection).hasWaitingReaders()) {
            Thread.onSpinWait();
        }
    }

    /** Around the limit of the hasty one, a little earlier and a little later by turns. */
    private static void park(int round) {
        LockSupport.parkNanos(LIMIT.toNanos() - 400_000 + round % 100 * 6_000L);
    }

    private static FutureTask<Integer> start(Callable<Integer> call) {
        FutureTask<Integer> task = new FutureTask<>(call);
        Thread thread = new Thread(task, "test");
        thread.setDaemon(true);
        thread.start();
        return task;
    }
}
