package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.h2conn.ConnectionOptions;
import io.h2conn.DuplexConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Plants one leak of each kind in a test of its own, and sees that test fail. */
class LeakCheckTest {
    private static final List<DuplexConnection> PLANTED = new ArrayList<>();
    private static final AtomicLong COUNTED = new AtomicLong();
    private static CountDownLatch release = new CountDownLatch(1);

    /** Run by the tests below, one method at a time. */
    static class Planted {
        @RegisterExtension
        final LeakCheck leaks =
                new LeakCheck().patience(Duration.ofMillis(200)).probe(new LeakProbe("counted things", COUNTED::get));

        @Test
        void nothing() throws Exception {
            DuplexConnection.Pair pair = DuplexConnection.pair();
            leaks.track(pair.client());
            leaks.track(pair.server());
            pair.client().write(Bytes.of("x"));
            Thread closing = new Thread(() -> pair.client().abort());
            closing.start();
            COUNTED.incrementAndGet();
            COUNTED.decrementAndGet();
        }

        @Test
        void aBuffer() throws Exception {
            DuplexConnection.Pair pair = DuplexConnection.pair(1, ConnectionOptions.defaults());
            PLANTED.add(pair.client());
            pair.client().write(Bytes.of("more than the window"));
        }

        @Test
        void aConnection() {
            DuplexConnection.Pair pair = DuplexConnection.pair();
            PLANTED.add(pair.client());
            leaks.track(pair.server());
        }

        @Test
        void aProbe() {
            COUNTED.incrementAndGet();
        }

        @Test
        void aThreadOfTheLibrary() {
            start("h2conn-planted", LeakCheckTest::awaitRelease);
        }

        @Test
        void aThreadInsideTheLibrary() throws Exception {
            DuplexConnection.Pair pair = DuplexConnection.pair();
            PLANTED.add(pair.client());
            Task.start(() -> pair.client().input().read()).awaitBlocked();
        }

        @Test
        void anExceptionOfAThread() throws Exception {
            start("planted", () -> {
                        throw new IllegalStateException("nobody catches this");
                    })
                    .join();
        }
    }

    @AfterEach
    void removeWhatWasPlanted() {
        PLANTED.forEach(DuplexConnection::abort);
        PLANTED.clear();
        release.countDown();
        release = new CountDownLatch(1);
    }

    @Test
    void aTestThatLeavesNothingBehindPasses() {
        assertThat(run("nothing")).isEmpty();
    }

    @Test
    void aBufferThatIsNotReturnedFailsTheTest() {
        assertThat(run("aBuffer")).singleElement().asString().contains("1 more buffers of the library's pool");
    }

    @Test
    void aConnectionThatDoesNotEndFailsTheTest() {
        assertThat(run("aConnection")).singleElement().asString().contains("memory-server-", "has not ended");
    }

    @Test
    void aProbeThatRisesFailsTheTest() {
        assertThat(run("aProbe")).singleElement().asString().contains("1 more counted things than before");
    }

    @Test
    void aThreadOfTheLibraryThatIsStillBusyFailsTheTest() {
        assertThat(run("aThreadOfTheLibrary")).singleElement().asString().contains("h2conn-planted", "still busy");
    }

    @Test
    void aThreadThatIsStillInsideTheLibraryFailsTheTest() {
        assertThat(run("aThreadInsideTheLibrary"))
                .singleElement()
                .asString()
                .contains("conformance-task-", "still busy");
    }

    @Test
    void anExceptionThatNobodyCaughtFailsTheTest() {
        assertThat(run("anExceptionOfAThread"))
                .singleElement()
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .asString()
                        .contains("nobody catches this"))
                .asString()
                .contains("planted died of an exception");
    }

    @Test
    void patienceIsNotNegative() {
        assertThatThrownBy(() -> new LeakCheck().patience(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Runs one planted test, and returns what it failed with. */
    private static List<Throwable> run(String method) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(Planted.class, method))
                .execute()
                .testEvents()
                .finished()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .flatMap(result -> result.getThrowable().stream())
                .toList();
    }

    private static Thread start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitRelease() {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
