package io.h2conn.codec;

import java.util.Arrays;

/**
 * The receivers of a broadcast, in an array that senders go through without a lock. It is copied only when a receiver
 * leaves while a sender may be looking, so at most once for each message; who joins is put behind what a sender looks at.
 * Guarded by the broadcast's lock.
 */
final class ReceiverSet {
    private BroadcastReceiver<?>[] receivers = new BroadcastReceiver<?>[4];
    private int size;
    private boolean shared;

    /** What a sender goes through: as many elements of an array as there were. */
    static final class Snapshot {
        private final BroadcastReceiver<?>[] receivers;
        private final int size;

        private Snapshot(BroadcastReceiver<?>[] receivers, int size) {
            this.receivers = receivers;
            this.size = size;
        }

        int size() {
            return size;
        }

        BroadcastReceiver<?> get(int index) {
            return receivers[index];
        }
    }

    Snapshot snapshot() {
        shared = true;
        return new Snapshot(receivers, size);
    }

    int size() {
        return size;
    }

    void add(BroadcastReceiver<?> receiver) {
        if (size == receivers.length) {
            copy(2 * size);
        }
        receiver.setPlace(size);
        receivers[size++] = receiver;
    }

    void remove(BroadcastReceiver<?> receiver) {
        int place = receiver.place();
        if (place >= size || receivers[place] != receiver) {
            return;
        }
        if (shared) {
            copy(receivers.length);
        }
        // The last one takes its place: the set has no order.
        BroadcastReceiver<?> last = receivers[--size];
        receivers[place] = last;
        last.setPlace(place);
        Arrays.fill(receivers, size, size + 1, null);
    }

    private void copy(int length) {
        receivers = Arrays.copyOf(receivers, length);
        shared = false;
    }
}
