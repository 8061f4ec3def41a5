package io.h2conn.codec;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one codec that nobody uses at the moment. As many as work at the same time, up to a bound; one more is
 * made when there is none, and dropped when there is no place for it.
 */
final class KryoPool {
    /** Work holds no thread back, so no more are used at once than there are processors, give or take a few. */
    private static final int SLOTS = 32;

    private final AtomicReferenceArray<@Nullable KryoWorker> slots = new AtomicReferenceArray<>(SLOTS);
    private final Supplier<BoundedKryo> maker;

    KryoPool(Supplier<BoundedKryo> maker) {
        this.maker = maker;
        give(new KryoWorker(maker.get())); // so that a mistake in it shows here
    }

    KryoWorker take() {
        int first = firstSlot();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (first + i) % SLOTS;
            KryoWorker worker = slots.get(slot) == null ? null : slots.getAndSet(slot, null);
            if (worker != null) {
                return worker;
            }
        }
        return new KryoWorker(maker.get());
    }

    void give(KryoWorker worker) {
        if (!worker.isSound()) {
            return;
        }
        int first = firstSlot();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (first + i) % SLOTS;
            if (slots.get(slot) == null && slots.compareAndSet(slot, null, worker)) {
                return;
            }
        }
    }

    private static int firstSlot() {
        return (Thread.currentThread().hashCode() * 0x9E37_79B9) >>> 27;
    }
}
