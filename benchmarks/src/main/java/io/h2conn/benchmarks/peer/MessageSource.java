package io.h2conn.benchmarks.peer;

/** Sends {@link Messages} for some time. */
final class MessageSource {
    /** Messages without a look at the clock, which takes as long as some peers need for a message. */
    private static final int BETWEEN_LOOKS = 16;

    private MessageSource() {}

    /** Where messages go. */
    @FunctionalInterface
    interface Output {
        void send(byte[] message) throws Exception;
    }

    /**
     * Sends.
     *
     * @param bytes of each message
     * @param gapNanos between the starts of two, which then tell the time; 0 to send as fast as possible
     * @param nanos how long
     * @return how many were sent
     */
    static long send(Output output, int bytes, long gapNanos, long nanos) throws Exception {
        long start = System.nanoTime();
        long sent = 0;
        for (long now = start; now - start < nanos; now = System.nanoTime()) {
            if (gapNanos == 0) {
                for (int i = 0; i < BETWEEN_LOOKS; i++) {
                    output.send(Messages.make(bytes, sent++, 0));
                }
            } else if (now - start >= sent * gapNanos) {
                output.send(Messages.make(bytes, sent++, System.nanoTime()));
            } else {
                Thread.onSpinWait();
            }
        }
        return sent;
    }
}
