package io.h2conn.reliability.isolation;

import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What an application does wrong with a connection whose peer has filled it with data. */
enum Badness {
    /** Takes nothing that has arrived. */
    DOES_NOT_READ {
        @Override
        void treat(DuplexConnection connection, CountDownLatch strike, CountDownLatch end) throws InterruptedException {
            end.await();
        }
    },
    /** Reads ten kilobytes in a second. */
    READS_SLOWLY {
        @Override
        void treat(DuplexConnection connection, CountDownLatch strike, CountDownLatch end)
                throws IOException, InterruptedException {
            ByteBuffer kilobyte = ByteBuffer.allocate(1_024);
            while (!end.await(100, TimeUnit.MILLISECONDS)) {
                if (connection.read(kilobyte.clear()) < 0) {
                    return;
                }
            }
        }
    },
    /** Resets while data is under way. */
    RESETS {
        @Override
        void treat(DuplexConnection connection, CountDownLatch strike, CountDownLatch end) throws InterruptedException {
            strike.await();
            connection.abort();
        }
    },
    /** Throws. */
    THROWS {
        @Override
        void treat(DuplexConnection connection, CountDownLatch strike, CountDownLatch end) throws InterruptedException {
            strike.await();
            throw new Misbehaviour();
        }
    },
    /** Reads a little, and blocks for ever. */
    BLOCKS {
        @Override
        void treat(DuplexConnection connection, CountDownLatch strike, CountDownLatch end)
                throws IOException, InterruptedException {
            if (connection.read(ByteBuffer.allocate(1)) == 1) {
                end.await();
            }
        }
    };

    /** On purpose. */
    static final class Misbehaviour extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Misbehaviour() {
            super("on purpose", null, false, false);
        }
    }

    /**
     * Does it.
     *
     * @param connection full of data
     * @param strike when measuring has begun
     * @param end when it is over
     */
    abstract void treat(DuplexConnection connection, CountDownLatch strike, CountDownLatch end)
            throws IOException, InterruptedException;
}
