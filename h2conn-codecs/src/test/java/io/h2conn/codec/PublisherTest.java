package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;
import org.testng.annotations.AfterMethod;

/** The messages of a connection as a publisher: the whole suite of the Reactive Streams specification. */
@Timeout(120)
class PublisherTest {
    /** Run by TestNG, for which the suite is written. */
    public static class Verification extends FlowPublisherVerification<Integer> {
        private static final long PATIENCE_MILLIS = 2_000;
        private static final long NOTHING_MORE_MILLIS = 50;
        private final List<DuplexConnection> opened = new ArrayList<>();

        public Verification() {
            super(new TestEnvironment(PATIENCE_MILLIS, NOTHING_MORE_MILLIS));
        }

        @Override
        public Flow.Publisher<Integer> createFlowPublisher(long elements) {
            DuplexConnection.Pair pair = DuplexConnection.pair();
            opened.add(pair.client());
            JsonCodec<Integer> codec = JsonCodec.of(Integer.class);
            MessageConnection<Integer, Integer> peer = MessageConnection.of(pair.client(), codec);
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < elements; i++) {
                        peer.send(i);
                    }
                    peer.closeOutput();
                } catch (ConnectionResetException e) {
                    // The test is over.
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            sender.start();
            return MessageConnection.of(pair.server(), codec).publisher();
        }

        /** Wakes a sender that blocks because a test is over before it has asked for everything. */
        @AfterMethod
        public void end() {
            opened.forEach(DuplexConnection::abort);
            opened.clear();
        }

        @Override
        public Flow.Publisher<Integer> createFailedFlowPublisher() {
            return null; // a connection that has failed says so only when something is asked for, which the rule allows
        }

        @Override
        public long maxElementsFromPublisher() {
            return 100_000;
        }
    }

    @Test
    void itDoesWhatReactiveStreamsAsk() {
        TestNG suite = new TestNG(false);
        TestListenerAdapter results = new TestListenerAdapter();
        suite.addListener(results);
        suite.setTestClasses(new Class<?>[] {Verification.class});
        suite.setVerbose(0);
        suite.run();

        assertThat(results.getFailedTests().stream().map(PublisherTest::describe))
                .isEmpty();
        assertThat(results.getPassedTests()).hasSizeGreaterThan(20);
    }

    private static String describe(ITestResult failed) {
        return failed.getName() + Arrays.toString(failed.getParameters()) + ": " + failed.getThrowable();
    }
}
