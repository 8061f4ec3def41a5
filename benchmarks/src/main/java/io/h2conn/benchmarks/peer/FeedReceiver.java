package io.h2conn.benchmarks.peer;

import java.io.IOException;

/** Receives what is broadcast, on one connection. */
final class FeedReceiver implements MessageReceiver {
    private final FeedSequence sequence = new FeedSequence();
    private final FeedArrivals arrivals;

    FeedReceiver(FeedArrivals arrivals) {
        this.arrivals = arrivals;
    }

    @Override
    public void onMessage(byte[] message) throws IOException {
        arrivals.arrived(sequence.take(message));
    }

    @Override
    public void onFailure(Throwable cause) {
        arrivals.fail(cause);
    }
}
