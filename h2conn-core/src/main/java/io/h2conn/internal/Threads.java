package io.h2conn.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that the library shares within the process: where user code runs by default, and one timer. All are
 * daemons that end by themselves when there is nothing to do, so that nobody has to shut them down.
 */
public final class Threads {
    /** The beginning of the names of all threads of this library. */
    public static final String PREFIX = "h2conn-";

    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

    /** Those that have rejected a callback: a saturated one does so for each, and one line is enough. */
    private static final Set<Executor> REJECTING =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private static final long IDLE_SECONDS = 10;
    private static final Executor EXECUTOR = newExecutor();
    private static final Timers TIMERS = new Timers(newTimer());

    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtual();

    private Threads() {}

    /** Whether the calling thread is a virtual one. */
    static boolean onVirtualThread() {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable t) {
            throw new AssertionError("this method throws nothing", t);
        }
    }

    /** Reached by reflection, since the library is compiled for Java 17. */
    private static @Nullable MethodHandle isVirtual() {
        try {
            return MethodHandles.lookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            LOG.debug("no virtual threads on this Java", e);
            return null;
        }
    }

    /**
     * Where user code runs unless it has an executor of its own: a virtual thread for each task on Java 21 and later,
     * else a cached pool of platform threads. Tasks may block.
     *
     * @return the executor; never rejects a task
     */
    public static Executor executor() {
        return EXECUTOR;
    }

    /**
     * Runs a task on an executor, and on the default one if that rejects it: what was promised to the user must happen
     * even when the user's executor is saturated or shut down.
     *
     * @param executor the user's executor, or {@code null} for the default
     * @param task what to run
     */
    public static void execute(@Nullable Executor executor, Runnable task) {
        if (executor == null) {
            EXECUTOR.execute(task);
            return;
        }
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            if (REJECTING.add(executor)) {
                LOG.warn(
                        "the executor {} rejected a callback; it runs on the library's own threads instead, as all do that it"
                                + " rejects from now on",
                        executor);
            }
            LOG.debug("rejected", e);
            EXECUTOR.execute(task);
        }
    }

    /**
     * Runs a short task later, on the shared timer thread.
     *
     * @param task must not block
     * @param delayNanos nanoseconds; zero or less for as soon as possible
     * @return cancels it
     */
    public static Timer schedule(Runnable task, long delayNanos) {
        return TIMERS.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable t) {
                        LOG.error("a timer task failed", t);
                        throw t;
                    }
                },
                delayNanos);
    }

    private static ScheduledThreadPoolExecutor newTimer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons("timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    private static Executor newExecutor() {
        ExecutorService virtual = newVirtualThreads();
        return virtual != null
                ? virtual
                : new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        daemons("worker"));
    }

    /** Reached by reflection, since the library is compiled for Java 17. */
    private static @Nullable ExecutorService newVirtualThreads() {
        try {
            return (ExecutorService) java.util.concurrent.Executors.class
                    .getMethod("newVirtualThreadPerTaskExecutor")
                    .invoke(null);
        } catch (NoSuchMethodException e) {
            return null;
        } catch (InvocationTargetException | IllegalAccessException e) {
            LOG.debug("no virtual threads on this Java", e);
            return null;
        }
    }

    private static ThreadFactory daemons(String role) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, PREFIX + role + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
