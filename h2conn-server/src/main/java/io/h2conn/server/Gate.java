package io.h2conn.server;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the application whether a request gets a connection, and passes on one answer. */
@FunctionalInterface
interface Gate {
    /**
     * Asks.
     *
     * @param request the request
     * @param callback the request's, to be completed here if there is nobody left to answer
     * @param answer told once, unless there is nobody left: {@code null} to let the request in
     */
    void ask(Request request, Callback callback, Answer answer);

    /** Takes what was decided. */
    @FunctionalInterface
    interface Answer {
        /**
         * Goes on with what was decided.
         *
         * @param refusal {@code null} to let the request in
         */
        void give(@Nullable Refusal refusal);
    }

    /** Lets everybody in. */
    Gate OPEN = (request, callback, answer) -> answer.give(null);

    /** Asks on this thread. */
    static Gate of(Admission admission) {
        return (request, callback, answer) -> {
            Refusal refusal;
            try {
                refusal = admission.check(request);
            } catch (Throwable t) { // whatever it is, the server goes on
                refusal = Question.failed(request, t);
            }
            answer.give(refusal);
        };
    }

    /** Waits for a stage, within a limit. */
    static Gate of(AsyncAdmission admission, Duration limit) {
        return (request, callback, answer) -> new Question(request, callback, answer, limit).ask(admission);
    }

    /** One request that waits for its answer. */
    final class Question {
        private static final Logger LOG = LoggerFactory.getLogger(DuplexHandler.class);

        /** Without the reason, which may have secrets in it. */
        private static final Refusal FAILED = Refusal.status(HttpStatus.INTERNAL_SERVER_ERROR_500)
                .body("The server failed to decide whether this connection is allowed.\n");

        private static final Refusal LATE = Refusal.status(HttpStatus.SERVICE_UNAVAILABLE_503)
                .header(HttpHeader.RETRY_AFTER.asString(), "1")
                .body("The server did not decide in time whether this connection is allowed.\n");

        private final Request request;
        private final Callback callback;
        private final Answer answer;
        private final Duration limit;
        private final AtomicBoolean decided = new AtomicBoolean();

        private Question(Request request, Callback callback, Answer answer, Duration limit) {
            this.request = request;
            this.callback = callback;
            this.answer = answer;
            this.limit = limit;
        }

        private void ask(AsyncAdmission admission) {
            request.addFailureListener(this::onGone);
            // The limit here is the only one: Jetty must not give up on a stream that is quiet while this side thinks.
            request.addIdleTimeoutListener(timeout -> decided.get());
            Scheduler.Task timer = request.getComponents()
                    .getScheduler()
                    .schedule(this::onLate, limit.toNanos(), TimeUnit.NANOSECONDS);
            try {
                CompletionStage<@Nullable Refusal> stage = Objects.requireNonNull(
                        admission.check(request), "the admission returned null instead of a stage");
                CompletionStage<?> unused = stage.whenComplete((refusal, failure) -> {
                    timer.cancel();
                    if (failure == null) {
                        decide(refusal);
                    } else {
                        onFailed(failure);
                    }
                });
            } catch (Throwable t) { // whatever it is, the client is to have an answer
                timer.cancel();
                onFailed(t);
            }
        }

        private void decide(@Nullable Refusal refusal) {
            if (decided.compareAndSet(false, true)) {
                answer.give(refusal);
            }
        }

        private void onFailed(Throwable failure) {
            if (decided.compareAndSet(false, true)) {
                answer.give(failed(
                        request,
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure));
            }
        }

        private void onLate() {
            if (decided.compareAndSet(false, true)) {
                LOG.warn("{} was refused: its admission took longer than {}", Acceptor.describe(request), limit);
                answer.give(LATE);
            }
        }

        private void onGone(Throwable failure) {
            if (decided.compareAndSet(false, true)) {
                LOG.debug("{} went away before it was admitted", Acceptor.describe(request));
                callback.failed(failure);
            }
        }

        static Refusal failed(Request request, Throwable failure) {
            LOG.warn("{} was refused: its admission failed", Acceptor.describe(request), failure);
            return FAILED;
        }
    }
}
