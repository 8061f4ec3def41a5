package io.h2conn.internal;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A queue that is empty nearly always, and seldom holds more than one element: takes memory for more only while there are
 * more. An idle connection has several of them. Not safe for threads.
 */
final class ShortQueue<E> {
    private @Nullable E first;
    /** What comes after the first; {@code null} if nothing does. */
    private @Nullable ArrayDeque<E> rest;

    boolean isEmpty() {
        return first == null;
    }

    void add(E element) {
        if (first == null) {
            first = element;
            return;
        }
        if (rest == null) {
            rest = new ArrayDeque<>(2);
        }
        rest.add(element);
    }

    @Nullable
    E peek() {
        return first;
    }

    @Nullable
    E peekLast() {
        return rest == null ? first : rest.peekLast();
    }

    @Nullable
    E poll() {
        E polled = first;
        if (rest == null) {
            first = null;
        } else {
            first = rest.poll();
            if (rest.isEmpty()) {
                rest = null;
            }
        }
        return polled;
    }
}
