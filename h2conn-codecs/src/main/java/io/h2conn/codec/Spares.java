package io.h2conn.codec;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Objects with native memory that are used for the moment of one call. A few are kept for the next; what is more than that
 * is ended, since the garbage collector would not know how much memory it holds.
 */
final class Spares<T> {
    private final ArrayBlockingQueue<T> kept;
    private final Supplier<T> maker;
    private final Consumer<T> reset;
    private final Consumer<T> end;

    Spares(int most, Supplier<T> maker, Consumer<T> reset, Consumer<T> end) {
        this.kept = new ArrayBlockingQueue<>(most);
        this.maker = maker;
        this.reset = reset;
        this.end = end;
    }

    T take() {
        T spare = kept.poll();
        return spare == null ? maker.get() : spare;
    }

    void give(T spent) {
        reset.accept(spent);
        if (!kept.offer(spent)) {
            end.accept(spent);
        }
    }
}
