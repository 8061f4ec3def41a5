package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.DuplexConnection;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** Interrupts: they end the call that waits, and nothing else. */
interface InterruptContract {
    @BothWays
    default void anInterruptedReadLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        interrupt(() -> near.read(ByteBuffer.allocate(8)));
        requireUsable(near, far);
    }

    @BothWays
    default void anInterruptedReadOfTheStreamViewLosesNothing(DuplexConnection near, DuplexConnection far)
            throws Exception {
        interrupt(() -> near.input().readNBytes(10));
        requireUsable(near, far);
    }

    @BothWays
    default void anInterruptedWriteSaysHowMuchWasAccepted(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Flood flood = Flood.into(near).awaitStalled();
        long before = flood.accepted();
        flood.interrupt();
        assertThat(flood.failure()).isInstanceOfSatisfying(InterruptedIOException.class, e -> {
            assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
            assertThat(e.bytesTransferred).isEqualTo((int) (flood.accepted() - before));
        });
        Bytes.readPattern(far, 0, flood.accepted());
        requireUsable(near, far);
    }

    @BothWays
    default void anInterruptedFlushLosesNothing(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        interrupt(near::flush);
        Bytes.readPattern(far, 0, filled);
        requireUsable(near, far);
    }

    @BothWays
    default void aThreadThatIsInterruptedAlreadyDoesNotWait(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Task<Boolean> task = Task.start(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> near.read(ByteBuffer.allocate(8))).isInstanceOf(InterruptedIOException.class);
            return Thread.currentThread().isInterrupted();
        });
        assertThat(task.get()).isTrue();
        requireUsable(near, far);
    }

    @BothWays
    default void anInterruptOfOneReaderDoesNotReachAnother(DuplexConnection near, DuplexConnection far)
            throws Exception {
        Task<Integer> first =
                Task.start(() -> near.read(ByteBuffer.allocate(1))).awaitBlocked();
        Task<Integer> second =
                Task.start(() -> near.read(ByteBuffer.allocate(1))).awaitBlocked();
        first.interrupt();
        assertThat(first.failure()).isInstanceOf(InterruptedIOException.class);
        far.write(Bytes.of("x"));
        assertThat(second.get()).isEqualTo(1);
        requireUsable(near, far);
    }

    @BothWays
    default void anInterruptOfOneWriterDoesNotReachAnother(DuplexConnection near, DuplexConnection far)
            throws Exception {
        long filled = Flood.fill(near);
        Task<Integer> first = Task.start(() -> near.write(Bytes.of("first"))).awaitBlocked();
        Task<Integer> second = Task.start(() -> near.write(Bytes.of("second"))).awaitBlocked();
        first.interrupt();
        assertThat(first.failure())
                .isInstanceOfSatisfying(
                        InterruptedIOException.class,
                        e -> assertThat(e.bytesTransferred).isZero());
        Bytes.readPattern(far, 0, filled);
        assertThat(second.get()).isEqualTo(6);
        assertThat(Bytes.readText(far, 6)).isEqualTo("second");
        requireUsable(near, far);
    }

    /** Interrupts the call while it waits, and checks that the interrupt flag is still set when it ends. */
    private static void interrupt(Task.Action call) throws Exception {
        Task<Boolean> task = Task.start(() -> {
            assertThatThrownBy(call::run)
                    .isInstanceOf(InterruptedIOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
            return Thread.currentThread().isInterrupted();
        });
        task.awaitBlocked().interrupt();
        assertThat(task.get()).isTrue();
    }

    private static void requireUsable(DuplexConnection near, DuplexConnection far) throws Exception {
        assertThat(near.isOpen()).isTrue();
        near.write(Bytes.of("out"));
        assertThat(Bytes.readText(far, 3)).isEqualTo("out");
        far.write(Bytes.of("in"));
        assertThat(Bytes.readText(near, 2)).isEqualTo("in");
    }
}
