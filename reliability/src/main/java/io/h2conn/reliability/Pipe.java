package io.h2conn.reliability;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One direction of a TCP connection through the relay. For the relay's thread alone. */
final class Pipe {
    private static final int CAPACITY = 64 * 1024;
    /** For what is added to the bytes of one read. */
    private static final int SLACK = 2 * 1024;
    /** A burst of moves after which the others get their turn. */
    private static final int MOVES = 4;

    private final SocketChannel source;
    private final SocketChannel target;
    private final Plant.@Nullable Stage plant;
    private final ByteBuffer incoming;
    /** Between two moves ready to be read from. */
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(CAPACITY + SLACK).limit(0);

    private boolean ended;
    private boolean endPassed;
    private boolean refused;

    private long stalledUntil;
    private long dueAt;
    private long delayNanos;
    private long bytesPerSecond;
    private int fragment;
    private long troubledUntil;

    Pipe(SocketChannel source, SocketChannel target, Plant.@Nullable Stage plant, ByteBuffer incoming) {
        this.source = source;
        this.target = target;
        this.plant = plant;
        this.incoming = incoming;
        long now = System.nanoTime();
        stalledUntil = now;
        dueAt = now;
        troubledUntil = now;
    }

    /** Moves what can be moved now. */
    void pump(long now) throws IOException {
        if (troubledUntil - now <= 0) {
            delayNanos = 0;
            bytesPerSecond = 0;
            fragment = 0;
        }
        for (int i = 0; i < MOVES && stalledUntil - now <= 0; i++) {
            boolean moved = read(now);
            if (buffer.hasRemaining() && dueAt - now <= 0) {
                moved |= write(now);
            }
            if (!moved) {
                break;
            }
        }
        if (ended && !endPassed && !buffer.hasRemaining() && stalledUntil - now <= 0) {
            endPassed = true;
            target.shutdownOutput();
        }
    }

    private boolean read(long now) throws IOException {
        int room = CAPACITY - buffer.remaining();
        if (ended || room <= 0) {
            return false;
        }
        incoming.clear().limit(Math.min(room, incoming.capacity()));
        int length = source.read(incoming);
        if (length < 0) {
            ended = true;
            return false;
        }
        if (length == 0) {
            return false;
        }
        if (!buffer.hasRemaining() && delayNanos > 0) {
            dueAt = now + delayNanos;
        }
        incoming.flip();
        buffer.compact();
        if (plant == null) {
            buffer.put(incoming);
        } else {
            plant.move(incoming, buffer);
        }
        buffer.flip();
        return true;
    }

    private boolean write(long now) throws IOException {
        int limit = buffer.limit();
        if (fragment > 0) {
            buffer.limit(Math.min(limit, buffer.position() + fragment));
        }
        int written = target.write(buffer);
        buffer.limit(limit);
        refused = written == 0;
        if (bytesPerSecond > 0) {
            dueAt = now + TimeUnit.SECONDS.toNanos(written) / bytesPerSecond;
        } else if (delayNanos > 0) {
            dueAt = now + delayNanos;
        }
        return written > 0;
    }

    boolean wantsRead(long now) {
        return !ended && buffer.remaining() < CAPACITY && stalledUntil - now <= 0;
    }

    boolean wantsWrite(long now) {
        return refused && buffer.hasRemaining() && stalledUntil - now <= 0 && dueAt - now <= 0;
    }

    /** When to come again although nothing has happened to the sockets. */
    long wakeAt(long now) {
        if (stalledUntil - now > 0) {
            return stalledUntil;
        }
        if (!buffer.hasRemaining() || refused) {
            return now + TimeUnit.SECONDS.toNanos(10);
        }
        return dueAt - now > 0 ? dueAt : now;
    }

    boolean endPassed() {
        return endPassed;
    }

    // ---------------------------------------------------------------- faults

    void stall(long now, SplittableRandom random) {
        double exponent = random.nextDouble(); // short ones are as frequent as long ones
        stalledUntil = now + (long) (TimeUnit.MILLISECONDS.toNanos(100) * Math.pow(50, exponent));
    }

    void slow(long now, SplittableRandom random) {
        trouble(now, random);
        bytesPerSecond = 20_000L + random.nextInt(1_000_000);
    }

    void delay(long now, SplittableRandom random) {
        trouble(now, random);
        delayNanos = TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(50));
    }

    void fragment(long now, SplittableRandom random) {
        trouble(now, random);
        fragment = 1 + random.nextInt(64);
    }

    private void trouble(long now, SplittableRandom random) {
        troubledUntil = now + TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(2_000));
    }

    /** Ends it in the middle of whatever is under way. */
    void end() throws IOException {
        ended = true;
        endPassed = true;
        buffer.limit(buffer.position());
        target.shutdownOutput();
    }
}
