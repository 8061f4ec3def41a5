package io.h2conn.jetty;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
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

    /** Told whenever all that has arrived was read, before the wait for more. */
    private volatile @Nullable Runnable onDry;

    /**
     * Makes an end point.
     *
     * @param channel connected
     * @param selector watches it
     * @param key of the channel with the selector
     * @param scheduler for its timeouts
     */
    public SparingEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        super(channel, selector, key, scheduler);
    }

    /** Sets who is told that everything was read. */
    void onDry(Runnable listener) {
        onDry = listener;
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        if (drained && !isInputShutdown()) {
            drained = false;
            return 0;
        }
        int room = BufferUtil.space(buffer);
        int filled = super.fill(buffer);
        drained = filled > 0 && filled < room;
        return filled;
    }

    @Override
    protected void needsFillInterest() {
        drained = false;
        Runnable listener = onDry;
        if (listener != null) {
            listener.run();
        }
        super.needsFillInterest();
    }
}
