package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Security;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What to measure, and how long.
 *
 * @param steps in their order
 * @param baselines peers that others are compared with
 */
record Plan(List<Step> steps, List<String> baselines) {
    /**
     * A workload.
     *
     * @param security of all its connections
     * @param scenarios those of the workload that are wanted
     * @param programs of the peers that take part
     * @param pace how long
     */
    record Step(Workload workload, Security security, List<Scenario> scenarios, List<Program> programs, Pace pace) {
        /** How files call it. */
        String id() {
            return workload.id() + "-" + security.name().toLowerCase(Locale.ROOT);
        }

        /** About how long it takes. */
        Duration time() {
            int rounds = pace.rounds() + pace.warmUp();
            return scenarios.stream()
                    .map(scenario -> scenario.time(pace).multipliedBy((long) rounds * programs.size()))
                    .reduce(Duration.ZERO, Duration::plus);
        }
    }

    /** About how long all of it takes. */
    Duration time() {
        return steps.stream().map(Step::time).reduce(Duration.ZERO, Duration::plus);
    }
}
