package io.h2conn.internal;

import static io.h2conn.internal.Interleaving.explore;
import static io.h2conn.internal.Interleaving.together;
import static io.h2conn.internal.ModelReference.require;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The smaller hand-overs, and the proof that the model checker sees one that is wrong. */
@Tag("interleavings")
@Timeout(
        value = 1,
        unit = TimeUnit.DAYS) // a deadlock is for the model checker to find, and more schedules take their time
class HandOverInterleavingsTest {
    @Test
    void onlyOneCompletesAClaimedFuture() {
        explore(() -> {
            ClaimedFuture<String> future = new ClaimedFuture<>();
            boolean[] won = new boolean[2];
            together(
                    () -> {
                        won[0] = future.claim();
                        if (won[0]) {
                            future.deliver("engine");
                        }
                    },
                    () -> won[1] = future.cancel(false));
            require(won[0] != won[1], won[0] ? "both have won" : "neither has won");
            require(future.isCancelled() == won[1], "cancelled by the one who has lost");
            require(won[1] || "engine".equals(future.join()), "without a value");
        });
    }

    @Test
    void aTimerThatIsAddedWhileTheListIsLookedThroughIsNotForgotten() {
        explore(() -> {
            PatientTimer timer = new PatientTimer();
            Timers timers = new Timers(timer);
            timers.schedule(() -> {}, TimeUnit.HOURS.toNanos(1));
            Runnable look = timer.takeLook();
            together(look::run, () -> timers.schedule(() -> {}, TimeUnit.HOURS.toNanos(1)));
            require(timers.listed() + timer.underWay() == 2, "one was lost");
            require(timers.listed() == 0 || timer.looks == 1, "one is listed, and looks that follow: " + timer.looks);
        });
    }

    @Test
    void aTimerThatIsCancelledAsItStartsIsNotUnderWayAfterwards() {
        explore(() -> {
            PatientTimer timer = new PatientTimer();
            Timers timers = new Timers(timer);
            Timer cancelled = timers.schedule(() -> {}, TimeUnit.HOURS.toNanos(1));
            Runnable look = timer.takeLook();
            together(look::run, cancelled::cancel);
            require(timer.underWay() == 0 && timers.listed() == 0, "it is under way");
        });
    }

    @Test
    void aWakeUpThatComesBetweenTheLookAndTheWaitIsSeenToBeLost() {
        assertThatThrownBy(() -> explore(() -> {
                    Forgetful queue = new Forgetful();
                    together(queue::read, queue::onData);
                }))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("hung");
    }

    @Test
    void aByteThatIsTakenForAFutureBeforeItIsClaimedIsSeenToBeLost() {
        assertThatThrownBy(() -> explore(() -> {
                    Forgetful queue = new Forgetful();
                    queue.onData();
                    CompletableFuture<Integer> read = new CompletableFuture<>();
                    together(() -> queue.serve(read), () -> read.cancel(false));
                    require(read.isCancelled() == (queue.unread == 1), "the byte is lost");
                }))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("the byte is lost");
    }

    /** What the engine does with its input, but for the two steps that must be one. */
    private static final class Forgetful {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition readable = lock.newCondition();
        private int unread;

        void onData() {
            lock.lock();
            try {
                unread++;
                readable.signal();
            } finally {
                lock.unlock();
            }
        }

        @SuppressWarnings("WaitNotInLoop") // the fault
        void read() throws InterruptedException {
            if (isEmpty()) {
                lock.lock();
                try {
                    readable.await();
                } finally {
                    lock.unlock();
                }
            }
        }

        private boolean isEmpty() {
            lock.lock();
            try {
                return unread == 0;
            } finally {
                lock.unlock();
            }
        }

        void serve(CompletableFuture<Integer> read) {
            if (takeFor(read)) {
                read.complete(1);
            }
        }

        private boolean takeFor(CompletableFuture<Integer> read) {
            lock.lock();
            try {
                boolean wanted = !read.isDone();
                unread -= wanted ? 1 : 0;
                return wanted;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Has no thread: keeps what it is to run later. */
    private static final class PatientTimer extends ScheduledThreadPoolExecutor {
        private final ReentrantLock guard = new ReentrantLock();
        private final List<Later> entries = new ArrayList<>();
        private @Nullable Runnable look;
        private int looks;

        PatientTimer() {
            super(1);
        }

        Runnable takeLook() {
            looks--;
            return Objects.requireNonNull(look);
        }

        int underWay() {
            int underWay = 0;
            for (Later entry : entries) {
                underWay += entry.isCancelled() ? 0 : 1;
            }
            return underWay;
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            Later later = new Later(task);
            guard.lock();
            try {
                if (unit.toMinutes(delay) == 0) {
                    look = task;
                    looks++;
                } else {
                    entries.add(later);
                }
            } finally {
                guard.unlock();
            }
            return later;
        }
    }

    private static final class Later extends FutureTask<@Nullable Void> implements ScheduledFuture<@Nullable Void> {
        Later(Runnable task) {
            super(task, null);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
