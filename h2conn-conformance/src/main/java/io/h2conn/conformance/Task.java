package io.h2conn.conformance;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A call on a thread of its own, so that a test can watch it block, wake it, and see how it ends. */
final class Task<T extends @Nullable Object> {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final FutureTask<T> future;
    private final Thread thread;

    private Task(Callable<T> body) {
        future = new FutureTask<>(body);
        thread = new Thread(future, "conformance-task-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
    }

    /** Something to do that returns nothing. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    static <T extends @Nullable Object> Task<T> start(Callable<T> body) {
        Task<T> task = new Task<>(body);
        task.thread.start();
        return task;
    }

    static Task<Boolean> run(Action body) {
        return start(() -> {
            body.run();
            return true;
        });
    }

    boolean isDone() {
        return future.isDone();
    }

    void interrupt() {
        thread.interrupt();
    }

    /** The result; fails the test if there is none in time. */
    T get() throws Exception {
        try {
            return future.get(Await.LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(thread.getName() + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw stuck();
        }
    }

    /** What the call threw; fails the test if it returned, or does not end in time. */
    Throwable failure() throws InterruptedException {
        try {
            T value = future.get(Await.LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            throw new AssertionError(thread.getName() + " must fail, but returned " + value);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (TimeoutException e) {
            throw stuck();
        }
    }

    /** Waits until the thread waits inside a call of the connection. */
    Task<T> awaitBlocked() {
        Await.until(() -> isDone() || isBlocked(), thread.getName() + " blocks");
        if (isDone()) {
            throw new AssertionError(thread.getName() + " must block, but has ended: " + future);
        }
        return this;
    }

    boolean isBlocked() {
        Thread.State state = thread.getState();
        // A transport may let its reader wait in a selector, which counts as running.
        if (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING && state != Thread.State.RUNNABLE) {
            return false;
        }
        StackTraceElement[] stack = thread.getStackTrace();
        return Arrays.stream(stack).limit(2).anyMatch(Task::waits) && isWithinConnection(stack);
    }

    /** Whether it is not the test itself that waits, but what it has called: whoever's connection that is. */
    private static boolean isWithinConnection(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .filter(frame -> !isPlatform(frame))
                .findFirst()
                .filter(frame -> !frame.getClassName().startsWith("io.h2conn.conformance."))
                .isPresent();
    }

    private static boolean isPlatform(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("java.") || name.startsWith("jdk.") || name.startsWith("sun.");
    }

    private static boolean waits(StackTraceElement frame) {
        return frame.getMethodName().equals("park") || frame.getMethodName().equals("wait");
    }

    private AssertionError stuck() {
        AssertionError error = new AssertionError(
                thread.getName() + " is still running after " + Await.LIMIT.toSeconds() + " s; its stack is the cause");
        Throwable stack = new Throwable("stack of " + thread);
        stack.setStackTrace(thread.getStackTrace());
        error.initCause(stack);
        return error;
    }
}
