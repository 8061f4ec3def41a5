package io.h2conn.jetty;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * An end point that does not ask the operating system for what it has just said it does not have. Whoever reads asks until
 * there is nothing more, and then waits for the selector; a read that leaves room in the buffer has taken everything, so
 * that the next one before the wait is answered without a system call. What arrives in between, the end of the input
 * included, makes the selector return at once.
 */
public class SparingEndPoint extends SocketChannelEndPoint {
    /** Whether the last read has taken everything. Only who reads touches it; the interest hands it over to who reads next. */
    private boolean drained;

    /** Bytes that the operating system has taken. Only one thread at a time writes to the socket. */
    private volatile long flushed;

    /** The reading of the clock when the operating system last had no room for all that it was given; 0 if it always had. */
    private volatile long fullSince;

    /** Told whenever all that has arrived was read, before the wait for more. */
    private volatile @Nullable Runnable onDry;

    private final @Nullable SocketLead lead;

    /**
     * Makes an end point.
     *
     * @param channel connected
     * @param selector watches it
     * @param key of the channel with the selector
     * @param scheduler for its timeouts
     * @param reading who reads it
     */
    @SuppressWarnings("this-escape") // it is only noted
    public SparingEndPoint(
            SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, Reading reading) {
        super(channel, selector, key, scheduler);
        this.lead = reading.direct() ? new SocketLead(this, reading.busyPoll()) : null;
    }

    /** How threads read this socket themselves, if they may. */
    @Nullable
    SocketLead lead() {
        return lead;
    }

    /** The end point beneath others, if it is one of these. */
    static @Nullable SparingEndPoint of(EndPoint endPoint) {
        EndPoint inner = endPoint;
        while (inner instanceof EndPoint.Wrapper wrapper) {
            inner = wrapper.unwrap();
        }
        return inner instanceof SparingEndPoint sparing ? sparing : null;
    }

    long flushed() {
        return flushed;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // Jetty has one write at a time under way
    public boolean flush(ByteBuffer... buffers) throws IOException {
        long before = BufferUtil.remaining(buffers);
        boolean all = super.flush(buffers);
        flushed += before - (all ? 0 : BufferUtil.remaining(buffers));
        return all;
    }

    @Override
    protected void onIncompleteFlush() {
        fullSince = System.nanoTime(); // the write is about to wait, which costs more
        super.onIncompleteFlush();
    }

    /** Since when the write that is pending waits, if one is. */
    @Nullable
    Long fullSince() {
        long known = fullSince;
        return known == 0 ? null : known;
    }

    /** Sets who is told that everything was read. */
    void onDry(Runnable listener) {
        onDry = listener;
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        boolean sated = lead != null && lead.isSated();
        if ((drained || sated) && !isInputShutdown()) {
            drained = false;
            return 0;
        }
        int room = BufferUtil.space(buffer);
        int filled = super.fill(buffer);
        drained = filled > 0 && filled < room;
        if (lead != null) {
            lead.onFilled(filled);
        }
        return filled;
    }

    @Override
    protected void needsFillInterest() {
        drained = false;
        Runnable listener = onDry;
        if (listener != null) {
            listener.run();
        }
        if (lead == null || lead.onWanted()) {
            super.needsFillInterest();
        }
    }

    /** Nobody else waits for input any more, which Jetty wants. */
    void watchedBySelector() {
        super.needsFillInterest();
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        if (lead != null) {
            lead.close();
        }
    }
}
