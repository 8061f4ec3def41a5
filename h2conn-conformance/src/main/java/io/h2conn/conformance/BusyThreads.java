package io.h2conn.conformance;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The threads that are inside something of ours at one moment: a thread of the library that is not waiting for work, or
 * any other with a call of ours on its stack.
 */
record BusyThreads(Map<Thread, StackTraceElement[]> stacks) {
    static final BusyThreads NONE = new BusyThreads(Map.of());

    private static final String NAME_PREFIX = "h2conn-";
    private static final String PACKAGE_PREFIX = "io.h2conn.";
    private static final int FRAMES_SHOWN = 12;

    static BusyThreads now() {
        Map<Thread, StackTraceElement[]> busy = new LinkedHashMap<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            if (!thread.equals(Thread.currentThread()) && isOurs(thread, stack) && !isIdle(thread, stack)) {
                busy.put(thread, stack);
            }
        });
        return new BusyThreads(busy);
    }

    /** Describes those that were not busy at an earlier moment. */
    List<String> since(BusyThreads earlier) {
        return stacks.entrySet().stream()
                .filter(entry -> !earlier.stacks.containsKey(entry.getKey()))
                .map(entry ->
                        "the thread " + entry.getKey().getName() + ", which is still busy at " + top(entry.getValue()))
                .toList();
    }

    private static boolean isOurs(Thread thread, StackTraceElement[] stack) {
        return thread.getName().startsWith(NAME_PREFIX)
                || Arrays.stream(stack).anyMatch(frame -> frame.getClassName().startsWith(PACKAGE_PREFIX));
    }

    /** Whether it waits for work: those of a pool, the gatherer, a selector and an acceptor may stay. */
    private static boolean isIdle(Thread thread, StackTraceElement[] stack) {
        return Arrays.stream(stack).anyMatch(frame -> waitsForWork(thread, frame));
    }

    private static boolean waitsForWork(Thread thread, StackTraceElement frame) {
        String className = frame.getClassName();
        return switch (frame.getMethodName()) {
            case "getTask" -> className.equals("java.util.concurrent.ThreadPoolExecutor");
            case "idleJobPoll" -> className.startsWith("org.eclipse.jetty.util.thread.QueuedThreadPool");
            case "accept" -> className.equals("sun.nio.ch.ServerSocketChannelImpl");
            case "awaitHeld" -> className.equals("io.h2conn.internal.Gatherer");
            // Only of a thread of the library: any other that selects there is a reader that waits for its bytes.
            case "lockAndDoSelect" ->
                className.equals("sun.nio.ch.SelectorImpl") && thread.getName().startsWith(NAME_PREFIX);
            default -> false;
        };
    }

    private static String top(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .limit(FRAMES_SHOWN)
                .map(Object::toString)
                .toList()
                .toString();
    }
}
