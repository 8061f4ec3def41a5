package io.h2conn.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What is logged while it is open. */
final class CapturedLog implements AutoCloseable {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final PrintStream err = System.err;

    CapturedLog() {
        System.setErr(new PrintStream(log, true, UTF_8));
    }

    String text() {
        return log.toString(UTF_8);
    }

    List<String> lines(String with) {
        return text().lines().filter(line -> line.contains(with)).toList();
    }

    void await(String words) {
        eventually("the log says \"" + words + "\"", () -> text().contains(words));
    }

    /** Waits for what happens in another thread, where there is nothing to wait on. */
    static void eventually(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 10 s: " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    @Override
    public void close() {
        System.setErr(err);
    }
}
