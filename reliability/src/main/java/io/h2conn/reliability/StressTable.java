package io.h2conn.reliability;

import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import java.io.IOException;
import java.net.URI;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The places of connections, each of which one worker at a time has. */
final class StressTable {
    private final DuplexClient client;
    private final URI uri;
    private final Place[] places;
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong acts = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** One connection after the other. */
    final class Place {
        private final ReentrantLock lock = new ReentrantLock();
        private final long seed;
        private @Nullable DuplexConnection connection;
        /** Bytes sent on this connection, and seen again. */
        private long position;

        private Place(long seed) {
            this.seed = seed;
        }

        /** The connection; a new one if there is none. */
        DuplexConnection connection(Random random) throws IOException {
            DuplexConnection known = connection;
            if (known == null) {
                known = client.connect(uri.resolve(random.nextBoolean() ? "/block" : "/listen"));
                connection = known;
                position = 0;
                opened.incrementAndGet();
            }
            return known;
        }

        /** The connection has ended. */
        void leave() {
            connection = null;
        }

        /** What is to be sent next. */
        byte[] next(int length) {
            byte[] content = new byte[length];
            for (int i = 0; i < length; i++) {
                content[i] = at(position + i);
            }
            return content;
        }

        /** So much was sent and came back as it should. */
        void advance(int length) {
            position += length;
            bytes.addAndGet(length);
        }

        private byte at(long index) {
            long mixed = (seed ^ index) * 0x9E37_79B9_7F4A_7C15L;
            return (byte) (mixed >>> 56);
        }

        void giveBack() {
            acts.incrementAndGet();
            lock.unlock();
        }
    }

    StressTable(DuplexClient client, URI uri, int places, long seed) {
        this.client = client;
        this.uri = uri;
        this.places = new Place[places];
        for (int i = 0; i < places; i++) {
            this.places[i] = new Place(seed + 31L * i);
        }
    }

    /** A place that nobody has, if one is found soon. */
    @Nullable
    Place take(Random random) {
        for (int i = 0; i < places.length; i++) {
            Place place = places[random.nextInt(places.length)];
            if (place.lock.tryLock()) {
                return place;
            }
        }
        return null;
    }

    void abandon() {
        for (Place place : places) {
            DuplexConnection connection = place.connection;
            if (connection != null) {
                connection.abort();
            }
        }
    }

    long opened() {
        return opened.get();
    }

    long acts() {
        return acts.get();
    }

    long bytes() {
        return bytes.get();
    }
}
